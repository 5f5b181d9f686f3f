import type { Instant, Period } from "../../../usage/period.ts";
import type { VendorAnswer, VendorRequest } from "../../../vendor-http/connection.ts";
import type { Directory, Page, Question } from "../../provider.ts";

/** One of Cursor's endpoints as the adapter uses it. The same questions as the adapter's. */
export interface Source<Position> {
  first(question: Question): Position | undefined;
  parts?(question: Question): Period[] | undefined;
  request(question: Question, position: Position): VendorRequest;
  read(question: Question, position: Position, answer: VendorAnswer, directory: Directory): Page<Position>;
  /** Absent: it tells the present state, or nobody knows when it is final. */
  settles?(question: Question, position: Position): Instant;
}
