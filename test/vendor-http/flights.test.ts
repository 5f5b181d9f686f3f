import { afterEach, describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { Flights } from "../../src/vendor-http/flights.ts";
import type { VendorCall, Wait } from "../../src/vendor-http/vendor-call.ts";
import { connectTo, refusalOf } from "./loopback.ts";

const CONNECTION = connectTo("http://127.0.0.1:9", "cursor");

const unhandled: unknown[] = [];
process.on("unhandledRejection", (reason) => unhandled.push(reason));
afterEach(async () => {
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled).toEqual([]);
});

/** A vendor that answers when it is told to. */
class Vendor {
  readonly calls: VendorCall[] = [];
  readonly #ends: { resolve(answer: string): void; reject(error: Error): void }[] = [];

  readonly begin = (call: VendorCall): Promise<string> => {
    this.calls.push(call);
    return new Promise((resolve, reject) => {
      this.#ends.push({ resolve, reject });
      call.signal.addEventListener("abort", () => reject(call.signal.reason));
    });
  };

  land(index: number, answer: string): void {
    this.#ends[index]?.resolve(answer);
  }

  fail(index: number, error: Error): void {
    this.#ends[index]?.reject(error);
  }
}

function airport() {
  let now = 0;
  const vendor = new Vendor();
  const flights = new Flights<string>(() => now, 1000);
  const ask = (call: Partial<VendorCall> = {}, notBefore = Number.NEGATIVE_INFINITY, name = "one") =>
    flights.share(name, CONNECTION, { signal: new AbortController().signal, ...call }, notBefore, vendor.begin);
  return { vendor, ask, tick: (ms: number) => (now += ms) };
}

async function begun(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe("calls that ask the same", () => {
  it("are one, and all of them get its answer", async () => {
    const { vendor, ask } = airport();
    const asked = [ask(), ask(), ask({}, undefined, "other")];
    await begun();
    expect(vendor.calls).toHaveLength(2);
    vendor.land(0, "answer");
    vendor.land(1, "another");
    expect(await Promise.all(asked)).toEqual(["answer", "answer", "another"]);
  });

  it("may be many of one caller, without a warning of leaks", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on("warning", note);
    const { vendor, ask } = airport();
    const { signal } = new AbortController();
    const asked = Array.from({ length: 30 }, () => ask({ signal }));
    await begun();
    vendor.land(0, "answer");
    await Promise.all(asked);
    process.off("warning", note);
    expect(warnings).toEqual([]);
  });

  it("after it has landed, or failed, are a new one", async () => {
    const { vendor, ask } = airport();
    const first = ask();
    await begun();
    vendor.fail(0, new UsageError("unavailable", "broken"));
    expect((await refusalOf(first)).message).toBe("broken");
    const second = ask();
    await begun();
    vendor.land(1, "well");
    expect(await second).toBe("well");
    const third = ask();
    await begun();
    vendor.land(2, "well again");
    expect(await third).toBe("well again");
  });

  it("share its failure", async () => {
    const { vendor, ask } = airport();
    const asked = [refusalOf(ask()), refusalOf(ask())];
    await begun();
    vendor.fail(0, new UsageError("unavailable", "broken"));
    expect((await Promise.all(asked)).map(({ message }) => message)).toEqual(["broken", "broken"]);
  });

  it("don't join one that began too early for them, and leave it to those it will do for", async () => {
    const { vendor, ask, tick } = airport();
    const early = ask();
    tick(1000);
    const late = ask({}, 500);
    const later = ask({}, 900);
    await begun();
    expect(vendor.calls).toHaveLength(2);
    vendor.land(0, "old");
    vendor.land(1, "new");
    expect(await Promise.all([early, late, later])).toEqual(["old", "new", "new"]);
  });
});

describe("a caller that leaves", () => {
  it("does not spoil the others' answer", async () => {
    const { vendor, ask } = airport();
    const abort = new AbortController();
    const leaver = refusalOf(ask({ signal: abort.signal }));
    const other = ask();
    await begun();
    abort.abort();
    expect((await leaver).kind).toBe("cancelled");
    expect(vendor.calls[0]?.signal.aborted).toBe(false);
    vendor.land(0, "answer");
    expect(await other).toBe("answer");
  });

  it("as the last one ends the call, and whoever comes then begins another", async () => {
    const { vendor, ask } = airport();
    const abort = new AbortController();
    const leaver = refusalOf(ask({ signal: abort.signal }));
    await begun();
    abort.abort();
    const next = ask();
    expect((await leaver).kind).toBe("cancelled");
    expect(vendor.calls[0]?.signal.aborted).toBe(true);
    await begun();
    expect(vendor.calls).toHaveLength(2);
    vendor.land(1, "answer");
    expect(await next).toBe("answer");
  });

  it("in the moment of the landing gets one or the other, and nothing is left over", async () => {
    const { vendor, ask } = airport();
    const abort = new AbortController();
    const leaver = ask({ signal: abort.signal }).catch((error: unknown) => error);
    await begun();
    vendor.land(0, "answer");
    abort.abort();
    const got = await leaver;
    expect(got === "answer" || (got instanceof UsageError && got.kind === "cancelled")).toBe(true);
  });

  it("before it joined asks nothing", async () => {
    const { vendor, ask } = airport();
    expect((await refusalOf(ask({ signal: AbortSignal.abort() }))).kind).toBe("cancelled");
    await begun();
    expect(vendor.calls).toEqual([]);
  });

  it("is told why, where whoever called it off said so", async () => {
    const { ask } = airport();
    const abort = new AbortController();
    const leaver = refusalOf(ask({ signal: abort.signal }));
    abort.abort(new UsageError("unavailable", "time is over"));
    expect((await leaver).message).toBe("time is over");
  });
});

describe("a shared call that has to wait", () => {
  const wait: Wait = { seconds: 40, reason: "Cursor's limit" };

  it("tells all, also who joins later; who has less time leaves at once, the others stay", async () => {
    const { vendor, ask } = airport();
    const heard: Record<string, number[]> = { patient: [], late: [], hurried: [] };
    const patient = ask({ waiting: ({ seconds }) => heard["patient"]?.push(seconds) });
    const hurried = refusalOf(
      ask({ deadline: performance.now() + 12_500, waiting: ({ seconds }) => heard["hurried"]?.push(seconds) }),
    );
    await begun();
    vendor.calls[0]?.waiting?.(wait);
    const error = await hurried;
    expect(error.kind).toBe("unavailable");
    expect(error.message).toBe(
      "cursor account 'my-cursor': it would take 40 s of waiting for Cursor's limit, and this call has 12 s left. Ask again in 40 s, or for a shorter period.",
    );
    expect(error.details).toMatchObject({ provider: "cursor", integrated_account_id: "my-cursor", retry_after: 40 });
    const late = ask({ waiting: ({ seconds }) => heard["late"]?.push(seconds) });
    const tooLate = await refusalOf(ask({ deadline: performance.now() + 5_000 }));
    expect(tooLate.message).toMatch(/it would take 40 s of waiting for Cursor's limit, and this call has [45] s left/);
    expect(heard).toEqual({ patient: [40], late: [expect.closeTo(40, 0)], hurried: [] });
    vendor.land(0, "answer");
    expect(await Promise.all([patient, late])).toEqual(["answer", "answer"]);
  });

  it("is not left for a guess, and says it all the same", async () => {
    const { vendor, ask } = airport();
    const said: Wait[] = [];
    const given = ask({ deadline: performance.now() + 5_000, waiting: (wait) => said.push(wait) });
    await begun();
    vendor.calls[0]?.waiting?.({ seconds: 36, reason: "3 calls of others before it", isGuess: true });
    const later = ask({ deadline: performance.now() + 5_000 });
    vendor.land(0, "answer");
    expect(await Promise.all([given, later])).toEqual(["answer", "answer"]);
    expect(said).toMatchObject([{ seconds: 36 }]);
  });

  it("ends with the last that could not wait", async () => {
    const { vendor, ask } = airport();
    const hurried = refusalOf(ask({ deadline: performance.now() + 1_000 }));
    await begun();
    vendor.calls[0]?.waiting?.(wait);
    await hurried;
    expect(vendor.calls[0]?.signal.aborted).toBe(true);
  });

  it("has as much time as the most patient of its callers", async () => {
    const { vendor, ask } = airport();
    const [soon, later] = [performance.now() + 1_000, performance.now() + 9_000];
    const asked = [ask({ deadline: soon }), ask({ deadline: later })];
    await begun();
    expect(vendor.calls[0]?.deadline).toBe(later);
    asked.push(ask());
    expect(vendor.calls[0]?.deadline).toBeUndefined();
    vendor.land(0, "answer");
    await Promise.all(asked);
  });

  it("tells its first caller, even if it has to wait from its very beginning", async () => {
    const flights = new Flights<string>(() => 0, 1000);
    const waits: Wait[] = [];
    const call = { signal: new AbortController().signal, waiting: (told: Wait) => waits.push(told) };
    await flights.share("one", CONNECTION, call, Number.NEGATIVE_INFINITY, async (shared) => {
      shared.waiting?.(wait);
      return "answer";
    });
    expect(waits).toEqual([wait]);
  });
});
