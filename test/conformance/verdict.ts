import * as z from "zod";
import { EXCUSES, type Excuse } from "./excuses.ts";
import type { Check, ScenarioRun } from "./suite.ts";

/** What became of one scenario under one revision. */
export interface Verdict {
  scenario: string;
  version: string;
  outcome: "passes" | "passes as far as it applies" | "does not apply" | "FAILS";
  passed: number;
  /** The excuses that were needed. */
  excuses: Excuse[];
  /** Checks that did not pass and have no excuse. */
  failures: string[];
}

/** On every message that was sent during a scenario, whatever the scenario is about. */
const ON_THE_SIDE = "wire-schema-valid";

export function judge({ scenario, version, checks }: ScenarioRun): Verdict {
  const passed = checks.filter((check) => check.status === "SUCCESS" && !isEmpty(check));
  const wanting = checks.filter((check) => check.status !== "INFO" && !passed.includes(check));
  const substance = passed.filter(({ id }) => id !== ON_THE_SIDE).length;
  // A scenario that only says why it checked nothing needs an excuse as well.
  if (substance === 0 && wanting.length === 0) wanting.push(...checks.filter(({ status }) => status === "INFO"));
  const excuses = new Set<Excuse>();
  const failures: string[] = [];
  for (const check of wanting) {
    const excuse = EXCUSES.find(({ scenarios, says }) => scenarios.includes(scenario) && says.test(wordsOf(check)));
    if (excuse) excuses.add(excuse);
    else failures.push(`${check.id}: ${check.status} ${wordsOf(check)}`);
  }
  const excused = substance === 0 ? "does not apply" : "passes as far as it applies";
  const outcome = failures.length > 0 ? "FAILS" : excuses.size > 0 ? excused : "passes";
  return { scenario, version, outcome, passed: passed.length, excuses: [...excuses], failures };
}

/** Passed because the test server's tool that it calls is not here: that says nothing. */
function isEmpty({ details }: Check): boolean {
  return /Tool test_\w+ not found/.test(JSON.stringify(details ?? null));
}

const worded = z.looseObject({ message: z.string().optional(), note: z.string().optional() });

function wordsOf(check: Check): string {
  const { success, data } = worded.safeParse(check.details);
  const told = success ? (data.message ?? data.note) : undefined;
  return (check.errorMessage ?? told ?? (isEmpty(check) ? JSON.stringify(check.details) : check.description)).trim();
}
