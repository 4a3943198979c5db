import assert from "node:assert/strict";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../protocol/limits.ts";
import type { RoomMessage } from "../protocol/room/index.ts";
import { EngineRoom, type Connection } from "./fixtures/engine-room.ts";
import { tallyKind, type Tally, type TallyIntent, type TallyOp } from "./fixtures/tally.ts";
import { Fault, Replica } from "./replica.ts";
import { randomText } from "./random.ts";
import type { RoomcastError } from "./errors.ts";

type Room = EngineRoom<Tally, TallyIntent, TallyOp>;

interface Mutation {
  readonly m: number;
  readonly intents: readonly TallyIntent[];
  readonly ifVersion: string | undefined;
  outcome: "open" | "applied" | RoomcastError;
}

/** One replica, and a link to the room which moves a frame only when told to. */
class Peer {
  readonly name: string;
  readonly room: Room;
  readonly client = randomText(32);
  readonly replica: Replica<Tally, TallyIntent, TallyOp>;
  readonly mutations: Mutation[] = [];
  readonly faults: Fault[] = [];
  /** The numbers of mutations that were refused at least once. */
  readonly refused = new Set<number>();
  connection: Connection | undefined;
  #up: string[] = [];
  #down: string[] = [];
  #greeted = false;
  /** Connections that this peer gave up, with what was under way on them. */
  #lost: { readonly connection: Connection; readonly up: string[] }[] = [];

  constructor(name: string, room: Room) {
    this.name = name;
    this.room = room;
    this.replica = new Replica(tallyKind, () => ({ can: ["write"], limits: DEFAULT_LIMITS }));
  }

  mutate(intents: readonly TallyIntent[], conditional: boolean): void {
    const { version } = this.replica;
    const ifVersion = conditional ? version : undefined;
    const mutation: Mutation = { m: this.mutations.length + 1, intents, ifVersion, outcome: "open" };
    this.mutations.push(mutation);
    this.replica.add(JSON.stringify(intents), ifVersion, 1, (error) => {
      assert.equal(mutation.outcome, "open");
      mutation.outcome = error ?? "applied";
    });
    this.#flush();
  }

  connect(): void {
    if (this.connection !== undefined) return;
    const down: string[] = (this.#down = []);
    this.#up = [JSON.stringify({ t: "hello", v: 1, client: this.client, since: this.replica.since })];
    // A hello that was overtaken on its way may end a newer connection.
    const closed = (): void => {
      if (this.connection === connection) this.cut();
    };
    const connection = this.room.connect((frame) => {
      const message = JSON.parse(frame.split("\n")[0] ?? "") as RoomMessage;
      if (message.t === "refused" && message.m !== undefined) this.refused.add(message.m);
      down.push(frame);
    }, closed);
    this.connection = connection;
    this.#greeted = false;
  }

  cut(): void {
    if (this.connection === undefined) return;
    this.#lost.push({ connection: this.connection, up: this.#up });
    this.connection = undefined;
    this.#up = [];
    this.#down = [];
    this.replica.lost();
  }

  /** The room gets a frame, from the current connection or from one that was given up. */
  stepUp(): boolean {
    const [frame] = this.#up.splice(0, 1);
    if (frame === undefined || this.connection === undefined) return false;
    this.room.receive(this.connection, frame);
    return true;
  }

  stepLost(): void {
    for (const { connection, up } of this.#lost) {
      const [frame] = up.splice(0, 1);
      if (frame !== undefined) this.room.receive(connection, frame);
    }
  }

  /** The room notices that the connections which were given up are gone. */
  noticeLost(): void {
    for (const { connection } of this.#lost.splice(0)) this.room.disconnect(connection);
  }

  stepDown(times: number): boolean {
    const [frame] = this.#down.splice(0, 1);
    if (frame === undefined) return false;
    for (let time = 0; time < times && this.connection !== undefined; time += 1) this.#take(frame);
    return true;
  }

  #take(frame: string): void {
    try {
      for (const line of frame.split("\n")) {
        const message = JSON.parse(line) as RoomMessage;
        if (message.t === "welcome") {
          this.#greeted = true;
          this.replica.welcome(message);
        } else if (message.t !== "presence" && message.t !== "mark") {
          this.replica.receive(message);
        }
      }
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.faults.push(error);
      if (error.cure === "restart") this.replica.forget();
      this.cut();
    }
    this.#flush();
  }

  #flush(): void {
    if (!this.#greeted || this.connection === undefined) return;
    const lines = this.replica.take();
    if (lines.length > 0) this.#up.push(lines.join("\n"));
  }

  /** What the replica must show: the room's state where the replica stands, with all that is unanswered done over it. */
  check(): void {
    const { version, state } = this.replica;
    if (version === undefined) return;
    const confirmed = this.room.states.get(version);
    if (confirmed === undefined) throw new Error(`There never was a version ${version}.`);
    let expected = confirmed;
    let changed = false;
    for (const { intents, ifVersion, outcome } of this.mutations) {
      if (outcome !== "open") continue;
      if (ifVersion !== undefined && (ifVersion !== version || changed)) continue;
      const before = expected;
      expected = naive(before, intents);
      changed ||= expected !== before;
    }
    assert.equal(state?.n, expected.n);
    assert.deepEqual(state.tags, expected.tags);
    assert.equal(this.replica.state, state);
  }
}

function naive(before: Tally, intents: readonly TallyIntent[]): Tally {
  let state = before;
  for (const intent of intents) {
    const ops = tallyKind.decide(state, intent, { now: 1, id: () => "id", can: [], limits: DEFAULT_LIMITS, seq: 1 });
    if (!Array.isArray(ops)) return before;
    for (const op of ops as TallyOp[]) state = tallyKind.fold(state, op);
  }
  return state;
}

const peer = fc.nat({ max: 2 });
const shape = fc.constantFrom("append", "add", "take", "stamp", "nothing", "take+append");
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("mutate"), peer, shape, conditional: fc.nat({ max: 9 }) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("up"), peer }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant("down"), peer, times: fc.integer({ min: 1, max: 2 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("flush") }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("connect", "cut", "late", "notice"), peer }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("restore", "trim") }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function intentsOf(name: string, tag: string): readonly TallyIntent[] {
  switch (name) {
    case "take+append":
      return [
        { type: "append", tag },
        { type: "take", tag: `${tag}!` },
      ];
    case "add":
      return [
        { type: "add", by: 1 },
        { type: "append", tag },
      ];
    case "nothing":
      return [{ type: "nothing" }];
    case "append":
    case "take":
    case "stamp":
      return [{ type: name, tag }];
    default:
      throw new Error(name);
  }
}

function run(room: Room, peers: readonly Peer[], step: Step): void {
  const at = "peer" in step ? peers[step.peer % peers.length] : undefined;
  if ("shape" in step) {
    at?.mutate(intentsOf(step.shape, `${at.name}${at.mutations.length + 1}`), step.conditional === 0);
  } else if ("times" in step) at?.stepDown(step.times);
  else if (step.do === "up") at?.stepUp();
  else if (step.do === "flush") room.flush();
  else if (step.do === "connect") at?.connect();
  else if (step.do === "cut") at?.cut();
  else if (step.do === "late") at?.stepLost();
  else if (step.do === "notice") at?.noticeLost();
  else if (step.do === "restore") room.restore({ n: 2, tags: ["restored"], ids: [] });
  else room.trim();
}

/** Lets everything arrive. */
function settle(room: Room, peers: readonly Peer[]): void {
  for (let round = 0; round < 1000; round += 1) {
    let moved = false;
    for (const each of peers) {
      each.connect();
      while (each.stepUp()) moved = true;
    }
    room.flush();
    for (const each of peers) while (each.stepDown(1)) moved = true;
    if (!moved && peers.every(({ connection }) => connection !== undefined)) return;
  }
  throw new Error("It never settles.");
}

function tagsOf(room: Room): string[] {
  const ops = room.history.flatMap((entry) => entry.ops as TallyOp[]);
  return ops.flatMap((op) => (op.type === "append" ? [op.tag] : []));
}

test("S2 S3 whatever the links do: nothing twice, nothing lost, all agree", () => {
  const steps = fc.array(step, { minLength: 1, maxLength: 120, size: "max" });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), steps, (count, list) => {
      const room: Room = new EngineRoom(tallyKind);
      const peers = ["a", "b", "c"].slice(0, count).map((name) => new Peer(name, room));
      for (const each of peers) each.connect();
      for (const each of list) {
        run(room, peers, each);
        for (const one of peers) one.check();
      }
      settle(room, peers);

      const tags = tagsOf(room);
      for (const { name, replica, mutations, faults, refused } of peers) {
        expect(replica.live).toBe(true);
        expect(replica.pending).toBe(0);
        expect(replica.inFlight).toBe(0);
        expect(replica.version).toBe(room.version);
        expect(replica.state).toEqual(room.state);
        // A room that keeps to the protocol never gives cause to start over.
        expect(faults.filter(({ cure }) => cure !== "resume")).toEqual([]);
        const order: number[] = [];
        for (const { m, intents, outcome } of mutations) {
          const expected = intents[0]?.type === "nothing" ? 0 : outcome === "applied" ? 1 : 0;
          expect(tags.filter((tag) => tag === `${name}${m}`)).toHaveLength(expected);
          // One that was refused, and whose refusal was lost, is decided anew: then it comes later than its number says.
          if (expected === 1 && !refused.has(m)) order.push(tags.indexOf(`${name}${m}`));
        }
        expect(order).toEqual(order.toSorted((a, b) => a - b));
      }
    }),
    { numRuns: 200 },
  );
});
