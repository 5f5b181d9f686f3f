import type { Command } from "commander";
import { getUsageSummary, usageSummarySchema } from "../../tools/get-usage-summary.ts";
import type { Cell } from "./csv.ts";
import { givenArguments } from "./flags.ts";
import { chosenFormat, writeCsv, writeJson, writeLines } from "./format.ts";
import { amountText, exactNumber, percentText } from "./numbers.ts";
import { withSession } from "./session.ts";
import { type UsageSummaryAnswer, usageSummaryAnswer } from "./summary-answers.ts";
import { named, writeSaid, writeTables } from "./summary-notes.ts";
import { type Column, filledColumns } from "./text-table.ts";

type Measured = UsageSummaryAnswer["totals"];

/** `usage-mcp summary`: sums of use and ratios to stdout, what a reader must know of them to stderr. */
export async function runSummary(command: Command): Promise<void> {
  const args = givenArguments(command, usageSummarySchema);
  const format = chosenFormat(command);
  await withSession(command, async ({ engine, ask }) => {
    const result = await ask((call) => getUsageSummary.run(engine, args, call));
    const answer = usageSummaryAnswer.parse(result);
    if (format === "json") await writeJson(result);
    else if (format === "ndjson") await writeLines(answer.groups);
    else if (format === "csv") await writeGroups(answer);
    else await writeTables([groupColumns(answer)]);
    writeSaid(answer, "usage", engine.clock(), format === "json");
  });
}

/** The groups, those past the limit as one, and the totals, one under the other. */
export function groupColumns({ groups, other, totals }: UsageSummaryAnswer): Column[] {
  if (groups.length === 0) return [];
  const dimensions = Object.keys(groups[0]?.key ?? {});
  const more = other ? [`(${exactNumber(other.groups)} more groups)`] : [];
  const all: Measured[] = [...groups, ...(other ? [other] : []), totals];
  const labels = dimensions.map((dimension, index) => ({
    heading: dimension,
    cells: [
      ...groups.map((group) => named(group, dimension)),
      ...(index === 0 ? [...more, "total"] : [...more.map(() => ""), ""]),
    ],
  }));
  return filledColumns([
    ...(labels.length > 0 ? labels : [{ heading: "", cells: all.map(() => "total") }]),
    ...metricsIn(all).flatMap((metric) => [
      numeric(metric, all, ({ values }) => show(values[metric], exactNumber)),
      numeric(`${metric} before`, all, ({ previous }) => show(previous?.values[metric], exactNumber)),
      numeric(`${metric} change %`, all, ({ change }) => show(change?.percent[metric], percentText)),
    ]),
    ...ratiosIn(all).map((ratio) => numeric(ratio, all, ({ ratios }) => show(ratios?.[ratio]?.value, amountText))),
  ]);
}

function numeric(heading: string, all: readonly Measured[], read: (measured: Measured) => string): Column {
  return { heading, cells: all.map(read), numeric: true };
}

function show(value: number | undefined, write: (value: number) => string): string {
  return value === undefined ? "" : write(value);
}

function metricsIn(all: readonly Measured[]): string[] {
  return [
    ...new Set(all.flatMap(({ values, previous }) => [...Object.keys(values), ...Object.keys(previous?.values ?? {})])),
  ];
}

function ratiosIn(all: readonly Measured[]): string[] {
  return [...new Set(all.flatMap(({ ratios }) => Object.keys(ratios ?? {})))];
}

async function writeGroups({ groups, totals }: UsageSummaryAnswer): Promise<void> {
  const dimensions = Object.keys(groups[0]?.key ?? {});
  const all = [...groups, totals];
  const [metrics, ratios] = [metricsIn(all), ratiosIn(all)];
  const isCompared = totals.previous !== undefined;
  const columns = [
    ...dimensions.flatMap((dimension) => [dimension, `${dimension}.name`]),
    ...metrics.flatMap((metric) => [metric, ...(isCompared ? [`${metric}.previous`, `${metric}.change`] : [])]),
    ...ratios.flatMap((ratio) => [ratio, `${ratio}.numerator`, `${ratio}.denominator`, `${ratio}.currency`]),
  ];
  const rows = groups.map(({ key, names, values, previous, change, ratios: own }): Cell[] => [
    ...dimensions.flatMap((dimension) => [key[dimension], names?.[dimension]]),
    ...metrics.flatMap((metric) => [
      values[metric],
      ...(isCompared ? [previous?.values[metric], change?.values[metric]] : []),
    ]),
    ...ratios.flatMap((ratio) => {
      const { value, numerator, denominator, currency } = own?.[ratio] ?? {};
      return [value, numerator, denominator, currency];
    }),
  ]);
  await writeCsv(columns, rows);
}
