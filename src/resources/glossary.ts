import { notFound } from "../errors.ts";
import { didYouMean, listed, shown } from "../suggest.ts";
import { CHARGES } from "./glossary-charges.ts";
import { MEANINGS } from "./glossary-meanings.ts";
import { TOKENS } from "./glossary-tokens.ts";
import { MARKDOWN, type Resource, type ResourceFamily } from "./resource.ts";

const CHAPTERS = [
  { title: "Charges", entries: CHARGES },
  { title: "Tokens", entries: TOKENS },
  { title: "Answers", entries: MEANINGS },
];

const ENTRIES: ReadonlyMap<string, string> = new Map(CHAPTERS.flatMap(({ entries }) => Object.entries(entries)));
const TERMS = [...ENTRIES.keys()];

export const glossaryResource: Resource = {
  uri: "usage://glossary",
  name: "glossary",
  title: "Glossary",
  description:
    "What the words of answers mean, the same for every vendor: net, gross, charge types, tokens, unattributed.",
  mimeType: MARKDOWN,
  async read() {
    const chapters = CHAPTERS.map(
      ({ title, entries }) => `## ${title}\n\n${Object.entries(entries).map(written).join("\n\n")}`,
    );
    return `# Glossary\n\n${chapters.join("\n\n")}\n`;
  },
};

export const glossaryTerm: ResourceFamily = {
  uriTemplate: "usage://glossary/{term}",
  variable: "term",
  name: "glossary_term",
  title: "One word of the glossary",
  description: "What one word of answers means, such as net, included or tokens.cache_read.",
  mimeType: MARKDOWN,
  values: TERMS,
  async read(_engine, term) {
    const text = ENTRIES.get(term);
    if (text === undefined)
      throw notFound(
        "term",
        `the glossary has no ${shown(term)}; it has ${listed(TERMS, TERMS.length)}.${didYouMean(term, TERMS)}`,
      );
    return `${written([term, text])}\n`;
  },
};

function written([term, text]: readonly [string, string]): string {
  return `**${term}**: ${text}`;
}
