// The simulated vendors in a process of their own, so that what they cost is not counted as the server's. Their accounts go to
// stdout as a line of JSON; ends with its stdin.
//   node sandbox-server.mjs [MILLISECONDS]    every answer comes so much later
import { createServer, request } from "node:http";
import { startSandbox } from "../src/sandbox/server.ts";

const delay = Number(process.argv[2] ?? 0);
const sandbox = await startSandbox({ now: () => new Date("2026-11-23T09:00:00Z") });
const addresses = new Map<string, string>();
let accounts = JSON.stringify(sandbox.accounts);
if (delay > 0) {
  for (const [vendor] of new Set(accounts.match(/http:\/\/127\.0\.0\.1:\d+/g))?.entries() ?? [])
    addresses.set(vendor, await late(vendor));
  for (const [vendor, front] of addresses)
    accounts = accounts.replaceAll(`${vendor}"`, `${front}"`).replaceAll(`${vendor}/`, `${front}/`);
}
process.stdout.write(`${accounts}\n`);
process.stdin.resume();
process.stdin.once("end", () => {
  void sandbox.close();
  process.exit();
});

/** The address of a vendor that answers as the one behind it does, later. */
function late(vendor: string): Promise<string> {
  const server = createServer((asked, answer) => {
    const { method, headers } = asked;
    const passed = request(`${vendor}${asked.url}`, { method, headers }, (told) => {
      setTimeout(() => {
        answer.writeHead(told.statusCode ?? 500, told.headers);
        told.pipe(answer);
      }, delay);
    });
    asked.pipe(passed);
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("the front has no port");
      resolve(`http://127.0.0.1:${address.port}`);
    });
  });
}
