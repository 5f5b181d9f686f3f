import { UriTemplate } from "@modelcontextprotocol/server";
import type { Engine } from "../engine/engine.ts";
import { notFound } from "../errors.ts";
import { didYouMean, listed, shown } from "../suggest.ts";
import { RESOURCE_FAMILIES, RESOURCES } from "./index.ts";
import { supportOfProvider } from "./support.ts";

/** Those with an address of their own, and the support of the vendors that the caller has accounts of. */
export function listResources(engine: Engine) {
  const { uriTemplate, name, description, mimeType } = supportOfProvider;
  const providers = [...new Set(engine.accounts.map(({ provider }) => provider))];
  return [
    ...RESOURCES.map(({ read: _, ...shownToHosts }) => shownToHosts),
    ...providers.map((provider) => ({
      uri: new UriTemplate(uriTemplate).expand({ provider }),
      name: `${name}_${provider}`,
      title: `What ${provider} supports`,
      description,
      mimeType,
    })),
  ];
}

export function listResourceTemplates() {
  return RESOURCE_FAMILIES.map(({ read: _, values: __, variable: ___, ...shownToHosts }) => shownToHosts);
}

/** @throws UsageError (question, not_found) */
export async function readResource(
  engine: Engine,
  uri: string,
): Promise<{ uri: string; mimeType: string; text: string }> {
  const resource = RESOURCES.find((one) => one.uri === uri);
  if (resource) return { uri, mimeType: resource.mimeType, text: await resource.read(engine) };
  for (const family of RESOURCE_FAMILIES) {
    const value = new UriTemplate(family.uriTemplate).match(uri)?.[family.variable];
    if (typeof value === "string") return { uri, mimeType: family.mimeType, text: await family.read(engine, value) };
  }
  const known = [...RESOURCES.map((one) => one.uri), ...RESOURCE_FAMILIES.map((one) => one.uriTemplate)];
  throw notFound("uri", `there is no resource ${shown(uri)}; there are ${listed(known)}.${didYouMean(uri, known)}`);
}

/** What the variable of a template can be. @throws UsageError (question): no such template or variable */
export function resourceValues(uriTemplate: string, variable: string): readonly string[] {
  const templates = RESOURCE_FAMILIES.map((one) => one.uriTemplate);
  const family = RESOURCE_FAMILIES.find((one) => one.uriTemplate === uriTemplate);
  if (!family)
    throw notFound(
      "uri",
      `there is no resource template ${shown(uriTemplate)}; there are ${listed(templates)}.${didYouMean(uriTemplate, templates)}`,
    );
  if (family.variable === variable) return family.values;
  throw notFound("argument", `${uriTemplate} has no ${shown(variable)}; it has ${family.variable}.`);
}
