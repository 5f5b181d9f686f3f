import { PROVIDERS, type ProviderId } from "../accounts/account.ts";
import { notFound } from "../errors.ts";
import { supportTable } from "../providers/support-table.ts";
import { didYouMean, listed, shown } from "../suggest.ts";
import { JSON_TYPE, MARKDOWN, type Resource, type ResourceFamily } from "./resource.ts";

const LEGEND = `# What each vendor supports

native: the vendor does it. derived: it is done on the rows here, exactly. -: refused, with an error that says what there is
instead. Reports in brackets have it where not all do. In detail: usage://support/{provider}, or describe_supported_params; what
an account serves that is not of the usual kind, list_accounts and describe_supported_params say.`;

export const supportResource: Resource = {
  uri: "usage://support",
  name: "support",
  title: "What each vendor supports",
  description: "The table of list_usage parameters by vendor: native, derived or unsupported, and by which reports.",
  mimeType: MARKDOWN,
  async read() {
    return `${LEGEND}\n\n${supportTable()}\n`;
  },
};

export const supportOfProvider: ResourceFamily = {
  uriTemplate: "usage://support/{provider}",
  variable: "provider",
  name: "support_of_provider",
  title: "What one vendor supports",
  description:
    "Reports, parameters, dimensions, sort keys and row fields of a vendor, with notes, and your accounts of it.",
  mimeType: JSON_TYPE,
  values: PROVIDERS,
  async read(engine, value) {
    const provider = PROVIDERS.find((known): known is ProviderId => known === value);
    if (!provider)
      throw notFound(
        "provider",
        `there is no provider ${shown(value)}; there are ${listed(PROVIDERS)}.${didYouMean(value, PROVIDERS)}`,
      );
    return JSON.stringify({ providers: await engine.describe({ provider }) });
  },
};
