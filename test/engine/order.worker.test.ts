import { afterEach, expect, test, vi } from "vitest";
import { OPEN } from "../../src/room/api.ts";
import { Peer } from "./peer.ts";
import { inside, labs, type TestRoom } from "./rooms.ts";

afterEach(() => {
  vi.useRealTimers();
});

interface Row {
  readonly seq: number;
  readonly by: string | undefined;
  readonly m: number | undefined;
  readonly value: unknown;
}

/** Every op of a room, as its history tells. */
async function wholeLog(room: TestRoom): Promise<Row[]> {
  const rows: Row[] = [];
  for (let from: number | undefined = 1; from !== undefined;) {
    const page = await room.history({ from, limit: 1_000 });
    if ("ok" in page) throw new Error(page.message);
    for (const run of page.runs) {
      let { seq } = run;
      for (const { by, m, ops } of run.entries) {
        for (const op of ops) {
          rows.push({ seq, by, m, value: op });
          seq += 1;
        }
      }
    }
    from = page.next;
  }
  return rows;
}

test("O1 O2 O3 writers on five sockets and by RPC: every op has one number, and everybody sees the same", async () => {
  const room = labs("order-concurrent");
  const peers = await Promise.all(Array.from({ length: 5 }, async () => Peer.live(room)));
  const EACH = 40;
  const written = peers.map(async ({ peer }, who) => {
    for (let m = 1; m <= EACH; m += 1) {
      peer.mutate(m, { do: "put", key: `p${who}`, value: String(m) });
      // Different rhythms, so that flushes mix authors in many ways.
      if (m % (who + 2) === 0) await room.readText();
    }
  });
  const called = Array.from({ length: EACH }, async (_, n) =>
    room.applyText(JSON.stringify([{ do: "put", key: "rpc", value: String(n + 1) }]), OPEN),
  );
  await Promise.all(written);
  for (const outcome of await Promise.all(called)) expect(outcome.ok).toBe(true);

  const total = EACH * 6;
  const seen = await Promise.all(peers.map(async ({ peer }) => peer.opsUntil(total)));
  const log = await wholeLog(room);
  expect(log.map(({ seq }) => seq)).toEqual(Array.from({ length: total }, (_, n) => n + 1));
  const truth = log.map(({ seq, value }) => [seq, value]);
  for (const ops of seen) expect([...ops]).toEqual(truth);
  for (const { welcome } of peers) {
    const mine = log.filter(({ by }) => by === welcome.you);
    expect(mine.map(({ m }) => m)).toEqual(Array.from({ length: EACH }, (_, n) => n + 1));
  }
  for (const { peer } of peers) expect(peer.unread).toEqual([]);
});

test("O3 mutations in one frame, and in many, are decided in the order in which they were sent", async () => {
  const room = labs("order-decided");
  const { peer } = await Peer.live(room);
  // Each expects what the one before it wrote, so any other order refuses.
  const step = (m: number) => ({
    t: "mutate" as const,
    m,
    intents: [
      ...(m === 1 ? [] : [{ do: "expect", key: "n", value: String(m - 1) }]),
      { do: "put", key: "n", value: String(m) },
    ],
  });
  peer.send(...Array.from({ length: 20 }, (_, n) => step(n + 1)));
  for (let m = 21; m <= 40; m += 1) peer.send(step(m));
  const ops = await peer.opsUntil(40);
  expect([...ops.values()]).toEqual(Array.from({ length: 40 }, (_, n) => ({ put: "n", value: String(n + 1) })));
});

test("O4 the ops of one mutation stay together while others write", async () => {
  const room = labs("order-together");
  const peers = await Promise.all([1, 2, 3].map(async () => Peer.live(room)));
  for (let m = 1; m <= 10; m += 1) {
    for (const { peer } of peers) peer.mutate(m, { do: "many", count: 7 }, { do: "many", count: 4 });
    if (m % 3 === 0) await room.readText();
  }
  await Promise.all(peers.map(async ({ peer }) => peer.opsUntil(330)));
  const log = await wholeLog(room);
  for (let start = 0; start < log.length; start += 11) {
    const together = log.slice(start, start + 11);
    expect(new Set(together.map(({ by, m }) => `${by} ${m}`)).size, `from op ${start + 1}`).toBe(1);
  }
});

test("O5 within one flush too", async () => {
  const room = labs("order-clock-flush");
  await room.applyText('[{"do":"nothing"}]', OPEN);
  vi.useFakeTimers({ toFake: ["Date"] });
  const noon = Date.UTC(2030, 0, 1, 12);
  await inside(room, async (instance) => {
    const writes: Promise<unknown>[] = [];
    for (const time of [noon, noon + 10, noon - 60_000]) {
      vi.setSystemTime(time);
      writes.push(instance.applyText('[{"do":"clock"}]', OPEN));
    }
    await Promise.all(writes);
  });
  const page = await room.history({});
  if ("ok" in page) throw new Error(page.message);
  // The first alone, the other two while it was being written.
  expect(page.runs.map((run) => [run.seq, run.at - noon])).toEqual([
    [1, 0],
    [2, 10],
  ]);
  const stamps = page.runs.flatMap((run) => run.entries.flatMap(({ ops }) => ops));
  expect(stamps).toEqual([0, 10, 10].map((offset) => ({ put: "clock", value: String(noon + offset) })));
});
