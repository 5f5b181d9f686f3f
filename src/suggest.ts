import { distance } from "fastest-levenshtein";

/** The candidate that is most likely meant, or undefined when none is near (a third of its letters differ). */
function nearest(word: string, candidates: readonly string[]): string | undefined {
  const wanted = word.slice(0, 100).toLowerCase();
  const [best] = candidates
    .map((candidate) => {
      const lower = candidate.toLowerCase();
      const letters = distance(wanted, lower);
      const holds = wanted.length > 2 && (lower.includes(wanted) || wanted.includes(lower));
      return { candidate, letters, near: holds || letters <= Math.max(2, Math.floor(wanted.length / 3)) };
    })
    .filter(({ near }) => near)
    .sort((a, b) => a.letters - b.letters);
  return best?.candidate;
}

/** " Did you mean 'x'?" or nothing. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const match = nearest(word, candidates);
  return match === undefined ? "" : ` Did you mean '${match}'?`;
}

/** A value that came from outside, shown in an error: quoted, cut, on one line. */
export function shown(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  const line = text.replace(/[\p{Cc}\u2028\u2029]/gu, " ");
  return `'${line.length > 60 ? `${line.slice(0, 57)}...` : line}'`;
}

/** A list for a sentence: "a, b, c", cut after `most`. */
export function listed(values: readonly string[], most = 30): string {
  const head = values.slice(0, most).join(", ");
  return values.length > most ? `${head} and ${values.length - most} more` : head;
}
