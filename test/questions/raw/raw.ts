import type { Sandbox } from "../../../src/sandbox/server.ts";
import { Vendors } from "./ask.ts";
import { claudeLines, claudePeople, claudeTokens } from "./claude.ts";
import { codexLines, codexTokens } from "./codex.ts";
import { confluentLines } from "./confluent.ts";
import { cursorLines, cursorTokens } from "./cursor.ts";
import { datadogLines } from "./datadog.ts";
import type { Days, Line } from "./lines.ts";
import { openaiLines, openaiTokens } from "./openai.ts";
import type { Tokens } from "./tokens.ts";

const BILLS = {
  claude: claudeLines,
  openai: openaiLines,
  codex: codexLines,
  cursor: cursorLines,
  confluent: confluentLines,
  datadog: datadogLines,
};
export type AccountId = keyof typeof BILLS;
const ACCOUNTS: readonly AccountId[] = ["claude", "openai", "codex", "cursor", "confluent", "datadog"];

const TOKENS = { claude: claudeTokens, openai: openaiTokens, codex: codexTokens, cursor: cursorTokens };
export type AiAccountId = keyof typeof TOKENS;
export const AI_ACCOUNTS: readonly AiAccountId[] = ["claude", "openai", "codex", "cursor"];

/** What the vendors' raw answers come to, asked and computed here, without the code under test. Each is read once. */
export class Raw {
  readonly vendors: Vendors;
  readonly #bills = new Map<string, Promise<Line[]>>();
  readonly #tokens = new Map<string, Promise<Tokens[]>>();

  constructor(accounts: Sandbox["accounts"]) {
    this.vendors = new Vendors(accounts);
  }

  /** The lines of some accounts; all, unless named. Datadog's are whole months. */
  async bill(days: Days, ...accounts: AccountId[]): Promise<Line[]> {
    const asked = accounts.length > 0 ? accounts : ACCOUNTS;
    const read = (account: AccountId) => () => BILLS[account](this.vendors, days);
    return (await Promise.all(asked.map((id) => once(this.#bills, [id, days], read(id))))).flat();
  }

  /** The same money by person, of the vendors that know people. */
  async people(days: Days): Promise<Line[]> {
    const [others, ...apart] = await Promise.all([
      this.bill(days, "codex", "cursor"),
      once(this.#bills, ["people of claude", days], () => claudePeople(this.vendors, days)),
      once(this.#bills, ["people of openai", days], () => openaiLines(this.vendors, days, "user_id")),
    ]);
    return [...apart.flat(), ...others];
  }

  /** Tokens and requests of the accounts that count any. */
  async tokens(days: Days, ...accounts: AiAccountId[]): Promise<Tokens[]> {
    const asked = accounts.length > 0 ? accounts : AI_ACCOUNTS;
    const read = (account: AiAccountId) => () => TOKENS[account](this.vendors, days);
    return (await Promise.all(asked.map((id) => once(this.#tokens, [id, days], read(id))))).flat();
  }
}

function once<T>(known: Map<string, Promise<T>>, key: [string, Days], read: () => Promise<T>): Promise<T> {
  const text = JSON.stringify(key);
  const reading = known.get(text) ?? read();
  known.set(text, reading);
  return reading;
}
