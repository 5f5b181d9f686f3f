import { type Kind, placesOf } from "./drift.ts";

/**
 * The table of a documented answer's fields: those that are named (by the end of their path, the first that fits) are of that
 * kind, and on all others nothing depends.
 */
export function fieldKinds(body: unknown, named: Readonly<Record<string, Kind>>): Record<string, Kind> {
  const fits = (path: string) =>
    Object.entries(named).find(
      ([end]) => path === end || path.endsWith(`.${end}`) || (end.startsWith("*") && path.endsWith(end.slice(1))),
    );
  return Object.fromEntries(
    [...placesOf(body).keys()].map((path): [string, Kind] => [path, fits(path)?.[1] ?? "free"]),
  );
}
