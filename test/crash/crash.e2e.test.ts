import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { HistoryPage } from "../../src/room/api.ts";
import { TestServer } from "../harness/server.ts";
import { PatchWriter, PostWriter, SocketWriter, type Target, type Writer } from "./writers.ts";

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start();
});

afterAll(async () => {
  await server?.stop();
});

/** A server that is killed in the middle of things, and comes back. */
class Crashing implements Target {
  #up = Promise.resolve();
  #acknowledged = 0;
  #waiting: (() => void) | undefined;

  get url(): string {
    return server.url;
  }

  up(): Promise<void> {
    return this.#up;
  }

  acknowledged(): void {
    this.#acknowledged += 1;
    this.#waiting?.();
  }

  /** Resolves after so many acknowledgements, all in all. */
  async reached(count: number): Promise<void> {
    while (this.#acknowledged < count) await new Promise<void>((resolve) => (this.#waiting = resolve));
  }

  /** Kills it, brings it back, and calls `look` before the writers know that it is back. */
  async crash(look: () => Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#up = promise;
    await server.kill9();
    await server.restart();
    await look();
    resolve();
  }
}

async function document(): Promise<Record<string, unknown>> {
  const response = await fetch(`${server.url}/doc/crash/get`);
  return (await response.json()) as Record<string, unknown>;
}

/** What a writer's numbers became: its array, or its own keys in numeric order. */
function written(value: Record<string, unknown>, { key }: Writer): number[] {
  const array = value[key];
  if (Array.isArray(array)) return array as number[];
  const own = Object.entries(value).filter(([name]) => name.startsWith(`${key}-`));
  return own.map(([, n]) => n as number).sort((a, b) => a - b);
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** All logged values, from the log itself. */
async function loggedValues(): Promise<Map<string, number>> {
  const times = new Map<string, number>();
  let expected = 1;
  for (let from: number | undefined = 1; from !== undefined;) {
    const page = (await (await fetch(`${server.url}/doc/crash/history?from=${from}&limit=1000`)).json()) as HistoryPage;
    for (const { seq, entries } of page.runs) {
      expect(seq).toBe(expected);
      for (const { ops } of entries) {
        expected += ops.length;
        for (const op of ops) times.set(JSON.stringify(op), (times.get(JSON.stringify(op)) ?? 0) + 1);
      }
    }
    from = page.next;
  }
  return times;
}

test("C5 X2 X7 kill -9 amid 2,000 writes: what was acknowledged is there, once, in order, and what was not comes again", async () => {
  const target = new Crashing();
  const writers: Writer[] = [
    ...["w0", "w1", "w2", "w3"].map((key) => new SocketWriter(target, key, 400)),
    ...["h0", "h1"].map((key) => new PatchWriter(target, key, 120)),
    ...["p0", "p1"].map((key) => new PostWriter(target, key, 80)),
  ];
  const arrays = Object.fromEntries(
    writers.filter((writer) => !(writer instanceof PostWriter)).map(({ key }) => [key, []]),
  );
  await fetch(`${server.url}/doc/crash`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(arrays),
  });

  const all = Promise.all(writers.map((writer) => writer.run()));
  const progress: string[] = [];
  for (const moment of [150, 700, 1_300]) {
    await Promise.race([target.reached(moment), all]);
    // Not right at an acknowledgement: then too many writes would be between two.
    await setTimeout(Math.random() * 5);
    await target.crash(async () => {
      const value = await document();
      const counts = writers.map((writer) => {
        const numbers = written(value, writer);
        // In order, once, without a gap; and at least as many as were acknowledged.
        expect({ key: writer.key, numbers }).toEqual({ key: writer.key, numbers: upTo(numbers.length) });
        expect(writer.acked).toEqual(upTo(writer.acked.length));
        expect(numbers.length).toBeGreaterThanOrEqual(writer.acked.length);
        return [writer.acked.length, numbers.length];
      });
      progress.push(counts.map((pair) => pair.join("/")).join(" "));
    });
  }
  await all;
  process.stdout.write(`acknowledged/stored after each crash, by writer:\n  ${progress.join("\n  ")}\n`);

  const value = await document();
  for (const writer of writers) {
    expect({ key: writer.key, numbers: written(value, writer) }).toEqual({
      key: writer.key,
      numbers: upTo(writer.count),
    });
  }
  const times = await loggedValues();
  expect([...times].filter(([, count]) => count !== 1)).toEqual([]);
  expect(times.size).toBe(1 + 2_000);
});
