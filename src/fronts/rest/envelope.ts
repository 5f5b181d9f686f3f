import type { ListAnswer } from "../../engine/list-answer.ts";

/** What an answer says beside its rows: the unified envelope's fields first, ours behind. */
export type Said = Omit<ListAnswer, "result"> & { prev_cursor: null };

/** The unified envelope. Listings go forward only: `prev_cursor` is always null. */
export interface Envelope extends Said {
  result: ListAnswer["result"];
}

export function envelope({ result, ...said }: ListAnswer): Envelope {
  return { result, ...beside(said) };
}

export function beside({ next_cursor, ...said }: Omit<ListAnswer, "result">): Said {
  return { next_cursor, prev_cursor: null, ...said };
}
