import { spawn } from "node:child_process";
import { performance } from "node:perf_hooks";

const RUNS = 21;
const OPENING = [
  {
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "bench", version: "1" } },
  },
  { jsonrpc: "2.0", method: "notifications/initialized" },
  { jsonrpc: "2.0", id: 2, method: "tools/list" },
];

/** Milliseconds from spawn until tools/list is answered, and the answer. */
function once(args, env) {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", "inherit"],
    });
    let text = "";
    child.on("error", reject);
    child.stdout.on("data", (chunk) => {
      text += chunk;
      const answer = text.split("\n").find((line) => line.includes('"id":2') && line.endsWith("}"));
      if (!answer) return;
      resolve({ ms: performance.now() - started, answer: JSON.parse(answer) });
      child.kill();
    });
    child.stdin.write(OPENING.map((message) => `${JSON.stringify(message)}\n`).join(""));
  });
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Alternates the two, so that a busy machine slows both alike. */
export async function benchStartup(ours, floor, env) {
  const times = { ours: [], floor: [] };
  for (let run = 0; run < RUNS; run++) {
    times.floor.push((await once(floor, env)).ms);
    times.ours.push((await once(ours, env)).ms);
  }
  const { answer } = await once(ours, env);
  return { ours: median(times.ours), floor: median(times.floor), runs: RUNS, tools: answer.result.tools };
}
