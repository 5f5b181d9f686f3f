import { badParameter } from "../../../errors.ts";
import { listed } from "../../../suggest.ts";
import { text } from "../../fields.ts";
import type { Question } from "../../provider.ts";
import type { Timed } from "./event-ids.ts";

interface Person {
  email?: string;
  userId?: number;
}
const NUMBER = /^\d{1,15}$/;

/** The person that Cursor itself can filter by: it takes one e-mail or number. A summary reads other data besides, too. */
export function nativePerson({ report, filters: { user_ids = [] } }: Question): Person | undefined {
  const [first = "", second] = user_ids;
  if (report === "summary" || second !== undefined) return undefined;
  if (first.includes("@")) return { email: first };
  return NUMBER.test(first) ? { userId: Number(first) } : undefined;
}

/** Numbers only Cursor can match: events name people by e-mail, which nothing but ids (user_...) is joined to. */
export function refuseNumbers(question: Question): void {
  const numbers = question.filters.user_ids?.filter((id) => NUMBER.test(id)) ?? [];
  if (numbers.length === 0 || nativePerson(question)) return;
  throw badParameter(
    "user_ids",
    `Cursor's usage events can be asked for one person's number at a time, a summary for none; use e-mails or ids (user_...) instead of ${listed(numbers)}.`,
  );
}

/** Whether an event is that person's, whatever the case of its e-mail. */
export function isOf({ item }: Timed, email: string): boolean {
  return text(item["userEmail"])?.toLowerCase() === email.toLowerCase();
}
