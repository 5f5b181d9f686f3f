import type { Command } from "commander";
import type { Call, Engine } from "../../engine/engine.ts";
import { openLog } from "../../log.ts";
import { type OpenOptions, openEngine } from "../../open.ts";
import { timeLimit } from "../time-limit.ts";
import { withProgress } from "./progress.ts";

/** What a command works with: the engine over the accounts it was given, and a way to call it that shows progress. */
export interface Session {
  engine: Engine;
  ask<T>(question: (call: Call) => Promise<T>): Promise<T>;
}

/** Opens the engine that the command line names, works with it, and closes what it started. */
export async function withSession<T>(command: Command, work: (session: Session) => Promise<T>): Promise<T> {
  const log = await openLog(process.env["USAGE_MCP_LOG"]);
  const options = command.optsWithGlobals<OpenOptions & { timeout?: number }>();
  const { engine, close } = await openEngine(options, process.env, log);
  try {
    return await work({ engine, ask: (question) => asked(question, options.timeout) });
  } finally {
    await close();
  }
}

async function asked<T>(question: (call: Call) => Promise<T>, seconds: number | undefined): Promise<T> {
  const limit = seconds === undefined ? undefined : timeLimit(seconds);
  const { signal } = limit ?? new AbortController();
  const timed = { signal, ...(limit ? { deadline: limit.deadline } : {}) };
  try {
    return await withProgress((progress) => question({ ...timed, progress }));
  } finally {
    limit?.end();
  }
}
