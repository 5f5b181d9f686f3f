// A Cursor of its own process that serves usage events as the contract has them, in pages of 1,000, ready made: a page is a copy
// of one of a few bodies with its times written in, so that serving costs less than reading. Says its address in a line of JSON.
//   node cursor-events.mjs EVENTS    so many events, spread evenly over four half months, newest first
import { createServer } from "node:http";

const DAY = 86_400_000;
const PAGE = 1000;
const BODIES = 16;
const PEOPLE = 200;
const MODELS = ["claude-4.5-sonnet", "gpt-5", "gemini-3-pro", "composer-1", "claude-4-opus", "grok-4", "default", "o3"];
const LENGTH_OF_TIME = 13;
const perWindow = Number(process.argv[2]) / 4;

/** Half months, as usage-mcp asks for them, by their first instant. */
const WINDOWS = new Map(
  [
    [8, 1, 15],
    [8, 16, 15],
    [9, 1, 15],
    [9, 16, 16],
  ].map(([month, day, days]) => [Date.UTC(2026, month, day), days * DAY]),
);

/** Reproducible, and the same for every run. */
function random(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Events as text, where the times in them stand, and what they come to in hundred-thousandths of a cent. */
function bodyOf(seed, events) {
  const pick = random(seed);
  const texts = [];
  const places = [];
  let [net, gross, length] = [0n, 0n, 1];
  for (let index = 0; index < events; index++) {
    const included = pick(10) < 7;
    const list = 10_000 + pick(9_000_000);
    const fee = 100_000 + pick(20_000);
    const charged = list + fee;
    gross += BigInt(charged);
    if (!included) net += BigInt(charged);
    const hex = (digits) =>
      pick(16 ** digits)
        .toString(16)
        .padStart(digits, "0");
    const text = JSON.stringify({
      timestamp: "0".repeat(LENGTH_OF_TIME),
      userEmail: `developer.${pick(PEOPLE)}@example.com`,
      conversationId: `${hex(6)}00-${hex(4)}-4${hex(3)}-9${hex(3)}-${hex(6)}${hex(6)}`,
      model: MODELS[pick(MODELS.length)],
      kind: included ? "Included in Business" : "Usage-based",
      maxMode: pick(4) === 0,
      requestsCosts: pick(50) / 10,
      isTokenBasedCall: true,
      isChargeable: !included,
      isHeadless: false,
      tokenUsage: {
        inputTokens: pick(20_000),
        outputTokens: pick(3_000),
        cacheWriteTokens: pick(30_000),
        cacheReadTokens: pick(400_000),
        totalCents: list / 100_000,
      },
      chargedCents: charged / 100_000,
      cursorTokenFee: fee / 100_000,
    });
    places.push(length + '{"timestamp":"'.length);
    length += text.length + 1;
    texts.push(text);
  }
  return { text: Buffer.from(`[${texts.join(",")}]`), places, net, gross };
}

const bodies = new Map();
/** A page's body by its number: one of a few, and one of its own size where the last page is not full. */
function bodyFor(page, events) {
  const key = `${events} ${page % BODIES}`;
  if (!bodies.has(key)) bodies.set(key, bodyOf(1 + (page % BODIES), events));
  return bodies.get(key);
}

const pagesOfWindow = Math.ceil(perWindow / PAGE);
const sizeOf = (page) => Math.min(PAGE, perWindow - (page - 1) * PAGE);
const expected = { rows: 4 * perWindow, net: 0n, gross: 0n };
for (let page = 1; page <= pagesOfWindow; page++) {
  const { net, gross } = bodyFor(page, sizeOf(page));
  expected.net += 4n * net;
  expected.gross += 4n * gross;
}

function pageOf({ startDate, endDate, page, pageSize }) {
  const length = WINDOWS.get(startDate);
  if (length === undefined || endDate !== startDate + length - 1 || pageSize !== PAGE)
    throw new Error(`nobody should ask for ${JSON.stringify({ startDate, endDate, pageSize })}`);
  const { text, places } = bodyFor(page, sizeOf(page));
  const events = Buffer.from(text);
  const first = (page - 1) * PAGE;
  for (const [index, place] of places.entries()) {
    const at = endDate - Math.floor(((first + index) * length) / perWindow);
    events.latin1Write(String(at), place, LENGTH_OF_TIME);
  }
  const pagination = {
    numPages: pagesOfWindow,
    currentPage: page,
    pageSize: PAGE,
    hasNextPage: page < pagesOfWindow,
    hasPreviousPage: page > 1,
  };
  const before = `{"totalUsageEventsCount":${perWindow},"pagination":${JSON.stringify(pagination)},"usageEvents":`;
  const after = `,"period":${JSON.stringify({ startDate, endDate })}}`;
  return [Buffer.from(before), events, Buffer.from(after)];
}

const MEMBERS = {
  teamMembers: Array.from({ length: PEOPLE }, (_, index) => ({
    id: `user_${index}`,
    name: `Developer ${index}`,
    email: `developer.${index}@example.com`,
    role: "member",
    isRemoved: false,
  })),
};

const server = createServer(async (request, response) => {
  const sent = [];
  for await (const chunk of request) sent.push(chunk);
  const parts =
    request.url === "/teams/members"
      ? [Buffer.from(JSON.stringify(MEMBERS))]
      : pageOf(JSON.parse(Buffer.concat(sent).toString()));
  response.writeHead(200, {
    "content-type": "application/json",
    "content-length": parts.reduce((sum, part) => sum + part.length, 0),
  });
  for (const part of parts) response.write(part);
  response.end();
});
server.listen(0, "127.0.0.1", () => {
  const dollars = (amount) => Number(amount) / 10_000_000;
  const { rows, net, gross } = expected;
  const url = `http://127.0.0.1:${server.address().port}`;
  process.stdout.write(`${JSON.stringify({ url, rows, net: dollars(net), gross: dollars(gross) })}\n`);
});
process.stdin.resume();
process.stdin.once("end", () => process.exit());
