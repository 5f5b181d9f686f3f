/** A metric of the Prometheus text format, with its samples by their labels. */
export interface Family {
  name: string;
  type: string;
  help: string;
  samples: { name: string; labels: Record<string, string>; value: number }[];
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = '([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\\\\n]|\\\\[\\\\"n])*)"';
const SAMPLE = new RegExp(
  `^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (\\+Inf|-Inf|NaN|-?\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?)$`,
);
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: [""],
  gauge: [""],
  histogram: ["_bucket", "_count", "_sum"],
};

/**
 * Reads the format strictly: HELP and TYPE once and before the samples, a family in one piece, no series twice, counters
 * that end in _total once, histograms that add up.
 * @throws Error naming the line
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function parsePrometheus(text: string): Family[] {
  if (!text.endsWith("\n")) throw new Error("the last line must end with a line feed");
  const families = new Map<string, Family>();
  let current: Family | undefined;
  const series = new Set<string>();
  for (const line of text.slice(0, -1).split("\n")) {
    const fail = (why: string): never => {
      throw new Error(`${why}: ${line}`);
    };
    const [, help, about = ""] = new RegExp(`^# HELP (${NAME}) (.+)$`).exec(line) ?? [];
    if (help !== undefined) {
      if (families.has(help)) fail("a second HELP");
      current = { name: help, type: "", help: about, samples: [] };
      families.set(help, current);
      continue;
    }
    const [, typed, type = ""] = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram)$`).exec(line) ?? [];
    if (typed !== undefined) {
      if (current?.name !== typed || current.type !== "" || current.samples.length > 0) fail("TYPE out of place");
      if (current) current.type = type;
      continue;
    }
    if (line.startsWith("#")) fail("a comment that is neither HELP nor TYPE");
    const [, name = "", labelled = "", , , , , value = ""] = SAMPLE.exec(line) ?? fail("no sample");
    const family = current ?? fail("a sample without HELP");
    if (!(SUFFIXES[family.type] ?? []).some((suffix) => name === `${family.name}${suffix}`))
      fail("a sample of no family");
    if (series.has(`${name}{${labelled}}`)) fail("a series twice");
    series.add(`${name}{${labelled}}`);
    const labels = Object.fromEntries(
      [...labelled.matchAll(new RegExp(LABEL, "g"))].map(([, key, text]) => [key, text]),
    );
    family.samples.push({ name, labels, value: value === "+Inf" ? Number.POSITIVE_INFINITY : Number(value) });
  }
  for (const family of families.values()) check(family);
  return [...families.values()];
}

function check({ name, type, samples }: Family): void {
  if (type === "") throw new Error(`${name} has no TYPE`);
  if ((type === "counter") !== name.endsWith("_total") || /_total_total/.test(name))
    throw new Error(`${name}: ${type}`);
  if (type === "counter" && samples.some(({ value }) => !(value >= 0))) throw new Error(`${name} counts below zero`);
  if (type !== "histogram") return;
  const counts = samples.filter((sample) => sample.name === `${name}_count`);
  for (const { labels, value } of counts) {
    const of = (sample: { labels: Record<string, string> }) =>
      Object.entries(labels).every(([key, label]) => sample.labels[key] === label);
    const buckets = samples.filter((sample) => sample.name === `${name}_bucket` && of(sample));
    const bounds = buckets.map(({ labels: { le } }) => (le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le)));
    const isRising = (numbers: number[]) =>
      numbers.every((number, index) => index === 0 || number >= (numbers[index - 1] ?? 0));
    if (!isRising(bounds) || !isRising(buckets.map((bucket) => bucket.value)))
      throw new Error(`${name}: its buckets do not add up`);
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY || buckets.at(-1)?.value !== value)
      throw new Error(`${name}: its last bucket is not all of it`);
  }
}
