import type { Question, Terms } from "./openai-buckets.ts";
import { DAILY } from "./openai-buckets.ts";
import type { Project, Workload } from "./openai-estate.ts";
import { ORGANIZATION_ID, STORES, userId, WORKLOADS } from "./openai-estate.ts";
import type { Span } from "./openai-usage.ts";
import { bytesOf, modelOf, used } from "./openai-usage.ts";
import { hash } from "./volume.ts";

export const COST_TERMS: Terms = {
  widths: { "1d": { ...DAILY, most: 180 } },
  filters: ["project_ids", "api_key_ids", "line_items"],
  groupings: ["project_id", "line_item", "api_key_id", "user_id"],
};

interface Line {
  readonly project: Project;
  readonly dimensions: Readonly<Record<string, string | null>>;
  readonly unit: string | null;
  readonly quantity: number;
  /** Femto-dollars (10^-15): the contract's discount makes prices of a token that fine. */
  readonly amount: bigint;
}

/** The cost rows of one bucket. */
export function costResults({ groupBy, filters }: Question, span: Span): unknown[] {
  const groups = new Map<string, { readonly first: Line; quantity: number; amount: bigint }>();
  for (const line of linesOf(span)) {
    if (![...filters].every(([name, allowed]) => allowed.has(line.dimensions[FILTERED[name] ?? ""] ?? ""))) continue;
    const key = JSON.stringify(groupBy.map((name) => line.dimensions[name]));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { first: line, quantity: line.quantity, amount: line.amount });
    else {
      group.quantity += line.quantity;
      group.amount += line.amount;
    }
  }
  const itemized = groupBy.includes("line_item");
  return [...groups].map(([key, { first, quantity, amount }]) => ({
    object: "organization.costs.result",
    amount: { value: value(amount, `${key}@${span.day}`), currency: "usd" },
    line_item: null,
    project_id: null,
    api_key_id: null,
    user_id: null,
    ...Object.fromEntries(groupBy.map((name) => [name, first.dimensions[name] ?? null])),
    quantity: itemized ? Math.round(quantity * 1_000_000) / 1_000_000 : null,
    quantity_unit: itemized ? first.unit : null,
    organization_id: ORGANIZATION_ID,
    ...(groupBy.includes("project_id") ? { project_name: first.project.name } : {}),
  }));
}

/** By filter, the dimension it looks at. */
const FILTERED: Readonly<Record<string, string>> = {
  project_ids: "project_id",
  api_key_ids: "api_key_id",
  line_items: "line_item",
};

const FEMTO_DIGITS = 15;
const DECIMALS = 30;

/** Now a string of thirty decimals, now a number; what cost nothing is the zero of the vendor's decimals. */
function value(amount: bigint, name: string): string | number {
  if (amount === 0n) return "0E-6176";
  const digits = amount.toString().padStart(FEMTO_DIGITS + 1, "0");
  const text = `${digits.slice(0, -FEMTO_DIGITS)}.${digits.slice(-FEMTO_DIGITS)}`;
  const number = Number(text);
  // Only where the number is written with the very same digits.
  const same = `${number}` === text.replace(/\.?0+$/, "");
  return same && hash(name) % 3 === 0 ? number : text + "0".repeat(DECIMALS - FEMTO_DIGITS);
}

/** In pico-dollars a token, which is micro-dollars a million of them. */
interface Price {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
  /** As the line items called the model in its time; absent: its id. */
  readonly display?: string;
}

const PRICES: Readonly<Record<string, Price>> = {
  "gpt-5.5": { input: 5_000_000, cached: 500_000, output: 30_000_000 },
  "gpt-5.4-2026-03-05": { input: 2_500_000, cached: 250_000, output: 15_000_000 },
  "gpt-5.4-mini": { input: 750_000, cached: 75_000, output: 4_500_000 },
  "gpt-5-2025-08-07": { input: 1_250_000, cached: 125_000, output: 10_000_000 },
  "gpt-5-mini-2025-08-07": { input: 250_000, cached: 25_000, output: 2_000_000 },
  "gpt-4.1": { input: 2_000_000, cached: 500_000, output: 8_000_000, display: "GPT-4.1" },
  "gpt-4.1-mini": { input: 400_000, cached: 100_000, output: 1_600_000, display: "GPT-4.1 mini" },
  "gpt-4o-realtime-preview-2024-10-01": { input: 5_000_000, cached: 2_500_000, output: 20_000_000 },
  "ft:gpt-4.1-mini-2025-04-14:tidewater:anchor-drift:Cq7TmR2b": { input: 800_000, cached: 200_000, output: 3_200_000 },
};

/** What is billed by a family's units or requests. */
interface Flat {
  readonly item: (model: string | null) => string;
  readonly unit: string | null;
  readonly by: "units" | "requests";
  /** Femto-dollars each. */
  readonly price: (model: string | null) => number;
}

const FLAT: Readonly<Record<string, Flat>> = {
  embeddings: {
    item: (model) => `${model}, input`,
    unit: "tokens",
    by: "units",
    price: (model) => discounted(model === "text-embedding-3-large" ? 130_000 : 20_000),
  },
  moderations: { item: (model) => `${model}, input`, unit: "tokens", by: "units", price: () => 0 },
  images: { item: () => "Image models", unit: "images", by: "units", price: () => 42_000_000_000_000 },
  audio_speeches: {
    item: (model) => `${model}, characters`,
    unit: "characters",
    by: "units",
    price: () => discounted(30_000_000),
  },
  audio_transcriptions: {
    item: (model) => `${model}, duration`,
    unit: "duration_seconds",
    by: "units",
    price: () => 100_000_000_000,
  },
  code_interpreter_sessions: {
    item: () => "code interpreter sessions",
    unit: null,
    by: "requests",
    price: () => 30_000_000_000_000,
  },
  file_search_calls: {
    item: () => "file search tool calls",
    unit: null,
    by: "requests",
    price: () => 2_500_000_000_000,
  },
  web_search_calls: {
    item: () => "web search tool calls",
    unit: null,
    by: "units",
    price: () => 10_000_000_000_000,
  },
};

/** Per GiB and day, femto-dollars. */
const STORAGE_PRICE = 100_000_000_000_000n;
const GIBIBYTE = 1_073_741_824;

function linesOf(span: Span): Line[] {
  return [...WORKLOADS.flatMap((workload) => metered(workload, span)), ...stored(span)];
}

function metered(workload: Workload, span: Span): Line[] {
  const parts = used(workload, span);
  if (parts === undefined) return [];
  const model = modelOf(workload, span.day);
  const line = (item: string, unit: string | null, quantity: number, price: number): Line => ({
    project: workload.project,
    dimensions: {
      project_id: workload.project.id,
      line_item: item,
      api_key_id: workload.key?.id ?? null,
      user_id: workload.user === null ? null : userId(workload.user),
    },
    unit,
    quantity,
    amount: BigInt(quantity) * BigInt(price),
  });
  const flat = FLAT[workload.family];
  if (flat !== undefined) return [line(flat.item(model), flat.unit, parts[flat.by], flat.price(model))];
  const price = PRICES[model ?? ""];
  if (price === undefined) throw new Error(`${model} has no price.`);
  const name = price.display ?? model;
  const kinds = [
    // Writing to the cache is billed as input.
    ["input", parts.uncachedText + parts.uncachedAudio + parts.uncachedImage + parts.cacheWrite, price.input],
    ["cached input", parts.cachedText + parts.cachedAudio + parts.cachedImage, price.cached],
    ["output", parts.outputText + parts.outputAudio + parts.outputImage, price.output],
  ] as const;
  return kinds
    .filter(([, quantity]) => quantity > 0)
    .map(([kind, quantity, each]) => line(`${name}, ${kind}`, "tokens", quantity, ofTier(workload, discounted(each))));
}

function stored(span: Span): Line[] {
  return STORES.flatMap((store): Line[] => {
    const seconds = span.to - span.from;
    const bytes = bytesOf(store, span.day);
    if (seconds <= 0 || bytes === 0) return [];
    return [
      {
        project: store.project,
        dimensions: { project_id: store.project.id, line_item: "vector storage", api_key_id: null, user_id: null },
        unit: "gibibyte_hours",
        quantity: (bytes * seconds) / 3_600 / GIBIBYTE,
        amount: (BigInt(bytes) * BigInt(seconds) * STORAGE_PRICE) / 86_400n / BigInt(GIBIBYTE),
      },
    ];
  });
}

/** The organization's contract: seven and a quarter percent off tokens. @param price pico-dollars, even */
function discounted(price: number): number {
  return (price / 2) * 1_855;
}

/** A batch costs half, and so does the tier that waits; the one that doesn't, twice as much. */
function ofTier({ batch, tier }: Workload, price: number): number {
  if (batch === true || tier === "flex") return price / 2;
  return tier === "priority" ? price * 2 : price;
}
