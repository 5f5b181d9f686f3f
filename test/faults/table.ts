import type { Measured } from "./cells.ts";

const SHORT = { healed: "healed", partial: "partial", reported: "reported", internal: "BUG", hung: "HUNG" } as const;

/**
 * What came of every fault at every vendor, its pages folded into one: `healed+1` is one vendor call more than undisturbed. Calls
 * fewer than undisturbed are those for the pages behind the fault, and not told.
 */
export function tableOf(measured: readonly Measured[], mode: Measured["cell"]["mode"]): string {
  const faults = [...new Set(measured.map(({ cell }) => cell.fault.name))];
  const vendors = [...new Set(measured.map(({ cell }) => cell.vendor.name))];
  const rows = faults.map((fault) => [
    fault,
    ...vendors.map((vendor) => {
      const cells = measured.filter(
        ({ cell }) => cell.fault.name === fault && cell.vendor.name === vendor && cell.mode === mode,
      );
      return [...new Set(cells.map(({ listing }) => SHORT[listing.kind]))]
        .map((kind) => {
          const calls = cells.filter(({ listing }) => SHORT[listing.kind] === kind).map(({ listing }) => listing.calls);
          const most = Math.max(0, ...calls);
          return most > 0 ? `${kind}+${most}` : kind;
        })
        .join(" ");
    }),
  ]);
  return aligned([[`happening ${mode}`, ...vendors], ...rows]);
}

export function sumOf(measured: readonly Measured[]): string {
  // What says that it is partial, is.
  const whole = measured.filter(({ listing }) => listing.kind === "healed");
  const sum = (name: "lost" | "doubled") => whole.reduce((total, { listing }) => total + listing[name], 0);
  const kinds = Object.entries(SHORT).map(
    ([kind, name]) => `${name} ${measured.filter(({ listing }) => listing.kind === kind).length}`,
  );
  return `cells ${measured.length}, rows lost ${sum("lost")}, rows doubled ${sum("doubled")} (${kinds.join(", ")})`;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
