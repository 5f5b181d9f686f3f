/**
 * An answer longer than this is refused by hosts, which take 25,000 tokens at the most: in characters of its groups, at three
 * to a token, with room for what else is in it. Not for a limit that was asked for.
 */
export const MOST_CHARACTERS = 60_000;

/** How many of the first groups fit into so many characters of JSON; one always does. */
export function fitting(groups: readonly unknown[], most: number | undefined): number {
  if (most === undefined) return groups.length;
  let left = most;
  const fits = groups.findIndex((group) => {
    left -= JSON.stringify(group).length + 1;
    return left < 0;
  });
  return fits < 0 ? groups.length : Math.max(1, fits);
}

/** What is said where groups were left out that the usual limit would show. */
export function cutShort(shown: number, wanted: number): string[] {
  if (shown >= wanted) return [];
  return [
    `The first ${shown} groups are shown, as more would make the answer too large; the rest is summed in other. Ask a shorter period or fewer dimensions, or give a limit to have that many.`,
  ];
}
