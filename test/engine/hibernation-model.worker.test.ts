import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseVersion, type Position } from "../../src/protocol/position.ts";
import type { Counters } from "../worker/rooms.ts";
import { Client, World, type Add } from "./model.ts";
import { sleep } from "./sleep.ts";

const ALL = { can: ["read", "write", "admin"] } as const;
/** More than a counter holds: refused. */
const TOO_MUCH = 2_000_000;

const who = fc.nat(2);
const amount = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 9 }) },
  fc.constant(0),
  fc.constant(TOO_MUCH),
);
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("add" as const),
      who,
      amounts: fc.array(amount, { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("drop" as const), who }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("connect" as const), who, since: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("repeat" as const), who, count: fc.integer({ min: 1, max: 5 }) }),
  },
  { weight: 4, arbitrary: fc.constant({ do: "sleep" as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("presence" as const), who, x: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.constant({ do: "clear" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "save" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "restore" as const }) },
  { weight: 2, arbitrary: fc.constant({ do: "settle" as const }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

let rooms = 0;

test("R1 X1 X3 O1 O2 S3 H1 whatever three clients do and whenever the room sleeps, all agree with the log", async () => {
  const agree = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
    rooms += 1;
    const room = env.COUNTERS.getByName(`model ${rooms}`);
    const world = new World();
    const clients = [new Client(world), new Client(world), new Client(world)];
    for (const client of clients) await client.connect(room, false);
    for (const one of steps) await take(one, room, clients);
    await check(room, world, clients);
  });
  // Some, however slow the machine is; then as many as it makes in a few seconds.
  await fc.assert(agree, { numRuns: 8 });
  await fc.assert(agree, { numRuns: 32, interruptAfterTimeLimit: 5_000, markInterruptAsFailure: false });
}, 60_000);

async function take(one: Step, room: DurableObjectStub<Counters>, clients: readonly Client[]): Promise<void> {
  const client = "who" in one ? clients[one.who] : undefined;
  switch (one.do) {
    case "add":
      for (const value of one.amounts) client?.add(value);
      break;
    case "drop":
      client?.drop();
      break;
    case "connect":
      await client?.connect(room, one.since);
      break;
    case "repeat":
      client?.repeat(one.count);
      break;
    case "presence":
      if (client?.connected === true && client.welcome !== undefined) {
        client.follower.peer.send({ t: "presence", data: { x: one.x } });
      }
      break;
    case "sleep":
      await sleep(room);
      break;
    case "clear":
      await room.clear(ALL);
      break;
    case "save":
      await room.saveVersion("kept", ALL);
      break;
    case "restore":
      // Not found, as long as nothing is saved.
      await room.restoreVersion("kept", ALL);
      break;
    case "settle":
      await settle(
        room,
        clients.filter(({ connected }) => connected),
      );
      break;
  }
}

/** Waits until the clients have all their answers and are where the room is. */
async function settle(room: DurableObjectStub<Counters>, clients: readonly Client[]): Promise<Position> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    await Promise.race([Promise.all(clients.map((client) => client.answered())), scheduler.wait(3_000)]);
    const { version } = await room.readText();
    const position = parseVersion(version);
    if (position === undefined) throw new Error(version);
    // The room may still move while the last of the writes come in.
    const late = scheduler.wait(100).then(() => "late" as const);
    const outcome = await Promise.race([Promise.all(clients.map((client) => client.settled(position))), late]);
    if (outcome !== "late" && (await room.readText()).version === version) return position;
    if (Date.now() > deadline) throw new Error(`Never settled at ${version}: ${clients.join("; ")}`);
  }
}

async function check(room: DurableObjectStub<Counters>, world: World, clients: readonly Client[]): Promise<void> {
  for (const client of clients) await client.connect(room, true);
  await settle(room, clients);
  // Once more, so that each is told what became of all that it asked for.
  for (const client of clients) {
    client.drop();
    await client.connect(room, true);
  }
  const { epoch, seq } = await settle(room, clients);
  for (const { welcome, asked } of clients) {
    const applied = asked.flatMap((value, index) => (value > 0 && value < TOO_MUCH ? [index + 1] : []));
    const told = Array.from({ length: welcome?.last ?? 0 }, (_, index) => index + 1).filter(
      (m) => !(welcome?.gaps ?? []).some(([from, to]) => m >= from && m <= to),
    );
    expect(told).toEqual(applied);
  }

  // The log itself: numbered without a gap, and its fold is the state.
  const page = await runInDurableObject(room, (instance: Counters) => instance.history({ from: 1, limit: 1_000 }));
  if ("code" in page) throw new Error(page.message);
  let next = 1;
  let count = world.base(epoch) ?? 0;
  for (const run of page.runs) {
    expect(run.seq).toBe(next);
    for (const { ops, by, m } of run.entries) {
      for (const op of ops as unknown as readonly Add[]) {
        world.op({ epoch, seq: next }, op, by, m);
        count += op.add;
        world.state({ epoch, seq: next }, { count });
        next += 1;
      }
    }
  }
  expect(next).toBe(seq + 1);
  const states = clients.map(({ follower }) => follower.state);
  expect([...states, JSON.parse((await room.readText()).text)]).toEqual(Array.from({ length: 4 }, () => ({ count })));
}
