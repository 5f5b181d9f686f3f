import type { Usage } from "./row.ts";

/** Who a row is of, as sums tell people apart. */
export interface Person {
  /** The e-mail in lower case, since every vendor has ids of its own; without one, and for service accounts, the vendor's id. */
  id: string;
  name?: string | undefined;
  /** It acts by itself: a service account is nobody's use, and stays apart from a person who has the same e-mail. */
  isServiceAccount: boolean;
}

/** Ids of service accounts say so: `svac_...` at Claude, `sa_...` at Cursor and OpenAI. */
const SERVICE_ACCOUNT = /^(?:svac|sa)_/;

/** Adapters give the rows of one person the same object where they can: a million rows are of few people. */
const KNOWN = new WeakMap<NonNullable<Usage["user"]>, Person>();

/** @returns undefined when the row is tied to nobody */
export function personOf({ user }: Usage): Person | undefined {
  if (!user) return undefined;
  const known = KNOWN.get(user);
  if (known) return known;
  const person = read(user);
  if (person) KNOWN.set(user, person);
  return person;
}

function read(user: NonNullable<Usage["user"]>): Person | undefined {
  const isServiceAccount = isServiceAccountId(user.id);
  const id = isServiceAccount ? user.id : (user.email?.toLowerCase() ?? user.id);
  return id ? { id, name: user.name, isServiceAccount } : undefined;
}

export function isServiceAccountId(id: string | undefined): boolean {
  return id !== undefined && SERVICE_ACCOUNT.test(id);
}
