import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeConfig } from "../fronts/http/server.ts";
import { itAnswersAHost } from "./answers.ts";
import { HOSTS, type Host } from "./hosts.ts";
import { STALLING_QUESTION, type StallingVendor, startStallingVendor } from "./stalling-vendor.ts";

describe.each(HOSTS)("over stdio, $era", ({ connect, protocol }) => {
  let host: Host;
  beforeAll(async () => {
    host = await connect(["--sandbox"]);
  });
  afterAll(() => host.close());

  itAnswersAHost(() => host, protocol);
});

describe.each(HOSTS)("cancellation over stdio, $era", ({ connect }) => {
  let vendor: StallingVendor;
  let host: Host;
  beforeAll(async () => {
    vendor = await startStallingVendor();
    host = await connect(["--config", writeConfig({ accounts: [vendor.account] })]);
  });
  afterAll(async () => {
    await host.close();
    await vendor.close();
  });

  it("stops the vendor call", async () => {
    const controller = new AbortController();
    const failed = expect(host.call("list_usage", STALLING_QUESTION, { signal: controller.signal })).rejects.toThrow();
    await vendor.stalled;
    controller.abort();
    await failed;
    await vendor.gone;
    expect(vendor.asked()).toBe(2);
  });
});
