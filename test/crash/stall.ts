import { afterAll, beforeAll, expect, test } from "vitest";
import { TestServer } from "../harness/server.ts";
import { findWorkerd, residentMiB, watchMemory } from "./memory.ts";
import { publish, Reader } from "./reader.ts";

const OP_UNITS = 64 * 1024;
/** What the server may grow by, in MiB, whatever goes through it: buffers and garbage, not a backlog. */
const MAY_GROW = 150;
const FILL = "x".repeat(OP_UNITS - 10);

const numbered = (n: number): string => String(n).padStart(10, "0");
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const seconds = (since: number): string => ((performance.now() - since) / 1000).toFixed(1);

/** Defines the tests of a reader that stops reading while this many megabytes are published. */
export function testStalledReaders(megabytes: number): void {
  const ops = Math.ceil((megabytes * 1_000_000) / OP_UNITS);
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start({ config: "test/worker/long.wrangler.jsonc" });
  });

  afterAll(async () => {
    await server?.stop();
  });

  test(`F2 F3 F4 a reader stops reading while ${megabytes} MB are published, and is owed every op`, async () => {
    const url = `${server.webSocketUrl}/room/feed/stall/ws`;
    const number = (op: unknown): number => Number((op as { readonly text: string }).text.slice(0, 10));
    const entry = (n: number): unknown => ({ text: numbered(n) + FILL });
    const publisher = await Reader.open(url, number);
    const other = await Reader.open(url, number);
    const stalled = await Reader.open(url, number);
    const warmUp = 100;
    await publish(publisher, 1, warmUp, entry);
    await Promise.all([other, stalled].map((reader) => reader.until(() => reader.seq === warmUp)));

    const pid = findWorkerd();
    const start = residentMiB(pid);
    const memory = watchMemory(pid);
    stalled.socket.pause();
    const before = performance.now();
    await publish(publisher, warmUp + 1, ops, entry);
    await other.until(() => other.seq === warmUp + ops);
    const published = seconds(before);
    const peak = memory.stop();
    expect(other.kept).toEqual(upTo(warmUp + ops));

    const again = performance.now();
    const catchingUp = watchMemory(pid);
    // First what was on its way: all that the server, and the machines between, ever had to hold for it.
    const heard = stalled.units;
    stalled.socket.answers = false;
    stalled.socket.resume();
    await stalled.socket.caughtUp();
    const held = stalled.units - heard;
    // Its window, the message that filled it, and what is no op.
    expect(held).toBeLessThanOrEqual(1024 * 1024 + stalled.largest + 4 * 1024);
    stalled.socket.goOn();
    await stalled.until(() => stalled.seq === warmUp + ops);
    expect(stalled.kept).toEqual(upTo(warmUp + ops));
    expect(stalled.snapshots).toHaveLength(1);
    const peakAgain = catchingUp.stop();
    process.stdout.write(
      `${megabytes} MB past a stalled reader in ${published} s: ${start} MiB at the start, ${peak} at most; ` +
        `${Math.round(held / 1024)} Ki held for it; caught up in ${seconds(again)} s, ${peakAgain} MiB at most\n`,
    );
    expect(peak - start).toBeLessThan(MAY_GROW);
    expect(peakAgain - start).toBeLessThan(MAY_GROW);
  });

  test("F3 F4 R2 where the log keeps less than the reader missed, it gets the state that the others have", async () => {
    const url = `${server.webSocketUrl}/doc/stall/ws`;
    const value = (op: unknown): unknown => (op as { readonly value: unknown }).value;
    const merge = (n: number): unknown => ({ type: "merge", value: { text: numbered(n) + FILL } });
    const publisher = await Reader.open(url, value);
    const other = await Reader.open(url, value);
    const stalled = await Reader.open(url, value);
    const pid = findWorkerd();
    const start = residentMiB(pid);
    const memory = watchMemory(pid);
    stalled.socket.pause();
    // More than the 16 MiB that a document's log keeps.
    const count = Math.ceil(ops / 2);
    await publish(publisher, 1, count, merge);
    await other.until(() => other.seq === count);
    expect(stalled.seq).toBeLessThan(count / 2);
    stalled.socket.resume();
    await stalled.until(() => stalled.seq === count);
    const peak = memory.stop();
    expect(stalled.snapshots.length).toBeGreaterThan(1);
    expect(stalled.latest).toEqual({ text: numbered(count) + FILL });
    expect(other.latest).toEqual(stalled.latest);
    process.stdout.write(`${megabytes / 2} MB of one document: ${start} MiB at the start, ${peak} at most\n`);
    expect(peak - start).toBeLessThan(MAY_GROW);
  });
}
