// The simulated vendors in a process of their own, so that what they cost is not counted as the server's. Their accounts go to
// stdout as a line of JSON; ends with its stdin.
import { startSandbox } from "../src/sandbox/server.ts";

const sandbox = await startSandbox({ now: () => new Date("2026-11-23T09:00:00Z") });
process.stdout.write(`${JSON.stringify(sandbox.accounts)}\n`);
process.stdin.resume();
process.stdin.once("end", () => sandbox.close());
