import { glossaryResource, glossaryTerm } from "./glossary.ts";
import type { Resource, ResourceFamily } from "./resource.ts";
import { rowSchemaResource } from "./row-schema.ts";
import { supportOfProvider, supportResource } from "./support.ts";

export const RESOURCES: readonly Resource[] = [supportResource, glossaryResource, rowSchemaResource];
export const RESOURCE_FAMILIES: readonly ResourceFamily[] = [supportOfProvider, glossaryTerm];
