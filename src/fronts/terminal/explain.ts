import type { Command } from "commander";
import { explainChangeSchema, explainCostChange } from "../../tools/explain-cost-change.ts";
import type { Cell } from "./csv.ts";
import { givenArguments } from "./flags.ts";
import { chosenFormat, writeCsv, writeJson, writeLines } from "./format.ts";
import { amountText, exactNumber, percentText, shareText, signedAmount } from "./numbers.ts";
import { withSession } from "./session.ts";
import { type ChangeAnswer, changeAnswer } from "./summary-answers.ts";
import { named, writeSaid, writeTables } from "./summary-notes.ts";
import { type Column, filledColumns } from "./text-table.ts";

const EFFECTS = ["volume", "price", "new", "gone", "discounts", "unknown"];

/** `usage-mcp explain`: what drove a change of cost, to stdout; what a reader must know of it to stderr. */
export async function runExplain(command: Command): Promise<void> {
  const args = givenArguments(command, explainChangeSchema);
  const format = chosenFormat(command);
  await withSession(command, async ({ engine, ask }) => {
    const result = await ask((call) => explainCostChange.run(engine, args, call));
    const answer = changeAnswer.parse(result);
    if (format === "json") await writeJson(result);
    else if (format === "ndjson") await writeLines(answer.groups);
    else if (format === "csv") await writeGroups(answer);
    else await writeTables([groupColumns(answer), totalColumns(answer)]);
    writeSaid(answer, "cost", engine.clock(), format === "json");
  });
}

type Changed = ChangeAnswer["totals"][number];

export function groupColumns({ groups, other = [] }: ChangeAnswer): Column[] {
  const dimensions = Object.keys(groups[0]?.key ?? {});
  const more = other.map(({ groups: count }) => `(${exactNumber(count)} more groups)`);
  return filledColumns([
    ...dimensions.map((dimension, index) => ({
      heading: dimension,
      cells: [...groups.map((group) => named(group, dimension)), ...(index === 0 ? more : other.map(() => ""))],
    })),
    ...changeColumns([...groups, ...other]),
  ]);
}

/** A line for each currency: they are never added together. */
function totalColumns({ totals }: ChangeAnswer): Column[] {
  return filledColumns([{ heading: "total", cells: totals.map(({ currency }) => currency) }, ...changeColumns(totals)]);
}

function changeColumns(changes: readonly Changed[]): Column[] {
  const currencies = new Set(changes.map(({ currency }) => currency));
  return [
    ...(currencies.size > 1 ? [{ heading: "currency", cells: changes.map(({ currency }) => currency) }] : []),
    { heading: "before", cells: changes.map(({ previous }) => amountText(previous.net)), numeric: true },
    { heading: "now", cells: changes.map(({ net }) => amountText(net)), numeric: true },
    { heading: "change", cells: changes.map(({ change }) => signedAmount(change.net)), numeric: true },
    {
      heading: "change %",
      cells: changes.map(({ change }) => (change.percent === undefined ? "" : percentText(change.percent))),
      numeric: true,
    },
    {
      heading: "of the change",
      cells: changes.map(({ share_of_change: share }) => (share === undefined ? "" : shareText(share))),
      numeric: true,
    },
    ...EFFECTS.map((effect) => ({
      heading: effect,
      cells: changes.map(({ effects }) => (effects[effect] === undefined ? "" : signedAmount(effects[effect]))),
      numeric: true,
      optional: true,
    })),
  ];
}

async function writeGroups({ groups }: ChangeAnswer): Promise<void> {
  const dimensions = Object.keys(groups[0]?.key ?? {});
  const columns = [
    ...dimensions.flatMap((dimension) => [dimension, `${dimension}.name`]),
    ...["currency", "net", "previous.net", "change.net", "change.percent", "share_of_change"],
    ...EFFECTS.map((effect) => `effects.${effect}`),
  ];
  const rows = groups.map(({ key, names, currency, net, previous, change, share_of_change, effects }): Cell[] => [
    ...dimensions.flatMap((dimension) => [key[dimension], names?.[dimension]]),
    ...[currency, net, previous.net, change.net, change.percent, share_of_change],
    ...EFFECTS.map((effect) => effects[effect]),
  ]);
  await writeCsv(columns, rows);
}
