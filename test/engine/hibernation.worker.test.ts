import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { PING, PONG } from "../../src/protocol/version.ts";
import type { Counters, Documents } from "../worker/rooms.ts";
import { play, type Move, type Transcript } from "./conversation.ts";
import { Peer } from "./peer.ts";
import { sleep } from "./sleep.ts";

const ADA = "ada-ada-ada-ada-ada";
const BOB = "bob-bob-bob-bob-bob";
const EVE = "eve-eve-eve-eve-eve";
const AT_ONCE = 16;
const ALL = { can: ["read", "write", "admin"] } as const;

const mutate = (m: number, ...intents: readonly unknown[]) => [{ t: "mutate", m, intents }];
const hello = (client: string, more: object = {}) => [{ t: "hello", v: 1, client, ...more }];
const presence = (data: object | null) => [{ t: "presence", data }];

const COUNTING: readonly Move<DurableObjectStub<Counters>>[] = [
  { connect: "ada" },
  { by: "ada", says: hello(ADA), heard: { ada: 2 } },
  { by: "ada", says: mutate(1, { add: 2 }), heard: { ada: 1 } },
  { connect: "bob" },
  { by: "bob", says: hello(BOB, { presence: { name: "Bob" } }), heard: { bob: 3 } },
  { by: "ada", says: mutate(2, { add: 3 }, { add: 4 }), heard: { ada: 1, bob: 1 } },
  // Nothing changes; refused; a fault in the kind; malformed, with a number.
  { by: "ada", says: mutate(3, { add: 0 }), heard: { ada: 1 } },
  { by: "ada", says: mutate(4, { add: 2_000_000 }), heard: { ada: 1 } },
  { by: "ada", says: mutate(5, { add: 1 }, { add: 13 }), heard: { ada: 1 } },
  { by: "ada", says: mutate(6, { add: "one" }), heard: { ada: 1 } },
  { by: "ada", says: '{"t":"mutate","m":7,"intents":[]}', heard: { ada: 1 } },
  // The same again; out of order; a gap filled.
  { by: "ada", says: mutate(2, { add: 3 }, { add: 4 }), heard: { ada: 1 } },
  { by: "ada", says: mutate(9, { add: 1 }), heard: { ada: 1, bob: 1 } },
  { by: "ada", says: mutate(8, { add: 1 }), heard: { ada: 1, bob: 1 } },
  { by: "bob", says: [...mutate(1, { add: 5 }), ...mutate(2, { add: 6 })], heard: { ada: 1, bob: 1 } },
  { by: "ada", says: presence({ name: "Ada" }), heard: { ada: 2, bob: 1 } },
  { by: "bob", says: presence({ name: "Bob", x: 1 }), heard: { ada: 1, bob: 1 } },
  { by: "bob", says: presence({ name: "x".repeat(3_000) }), heard: { bob: 1 } },
  { by: "bob", says: presence(null), heard: { ada: 1, bob: 1 } },
  { connect: "eve" },
  { by: "eve", says: hello(EVE, { since: { epoch: "another", seq: 3 }, presence: null }), heard: { eve: 2 } },
  {
    by: "eve",
    says: ({ at }) => [{ t: "mutate", m: 1, intents: [{ add: 1 }], ifVersion: `${at.epoch}.1` }],
    heard: { eve: 1 },
  },
  {
    by: "eve",
    says: ({ at }) => [{ t: "mutate", m: 2, intents: [{ add: 1 }], ifVersion: `${at.epoch}.${at.seq}` }],
    heard: { eve: 1, ada: 1, bob: 1 },
  },
  { by: "eve", says: [{ t: "ack", n: 1 }] },
  { by: "eve", says: PING, heard: { eve: 1 } },
  // A write of the Worker's own, once under its key.
  { calls: (room) => room.applyText('[{"add":10}]', ALL, { idempotencyKey: "k" }), heard: { eve: 1, ada: 1, bob: 1 } },
  { calls: (room) => room.applyText('[{"add":10}]', ALL, { idempotencyKey: "k" }) },
  { calls: (room) => room.saveVersion("one", ALL) },
  // Bob comes back with what he has; his older connection is ended.
  { connect: "bob2" },
  { by: "bob", says: "ping", heard: { bob: 1 } },
  { by: "bob2", says: hello(BOB, { since: { epoch: "", seq: 0 } }), heard: { bob2: 2, bob: 1 } },
  { by: "bob2", says: mutate(3, { add: 7 }), heard: { eve: 1, ada: 1, bob2: 1 } },
  { by: "bob2", closes: true },
  { by: "ada", says: mutate(10, { add: 1 }), heard: { eve: 1, ada: 1 } },
  { connect: "bob3" },
  { by: "bob3", says: hello(BOB), heard: { bob3: 2 } },
  { calls: (room) => room.restoreVersion("one", ALL), heard: { eve: 1, ada: 1, bob3: 1 } },
  {
    by: "ada",
    says: ({ welcomed }) => [{ t: "mutate", m: 10, again: welcomed, intents: [{ add: 1 }] }],
    heard: { ada: 1 },
  },
  { by: "ada", says: mutate(11, { add: 1 }), heard: { eve: 1, ada: 1, bob3: 1 } },
  { calls: (room) => room.listVersions() },
  { calls: (room) => room.clear(ALL), heard: { eve: 1, ada: 1, bob3: 1 } },
  { by: "bob3", says: mutate(4, { add: 1 }), heard: { eve: 1, ada: 1, bob3: 1 } },
  { by: "ada", closes: true, heard: { eve: 1 } },
  // Tail: since is what he has, two ops later.
  { by: "bob3", says: mutate(5, { add: 1 }), heard: { eve: 1, bob3: 1 } },
  { by: "eve", says: hello(EVE), heard: { eve: 1 } },
  { by: "bob3", says: "not JSON", heard: { bob3: 1 } },
  { calls: (room) => room.readText() },
];

const simple = { dialect: "json-document" } as const;

const EDITING: readonly Move<DurableObjectStub<Documents>>[] = [
  { connect: "ada" },
  { by: "ada", says: hello(ADA, { presence: { name: "Ada" } }), heard: { ada: 3 } },
  { connect: "old", ...simple, heard: { old: 1 } },
  {
    by: "ada",
    says: mutate(1, { type: "merge", value: { title: "Monday", n: 1, tags: ["a"] } }),
    heard: { ada: 1, old: 1 },
  },
  {
    by: "ada",
    says: mutate(
      2,
      { type: "update", fields: [{ op: "increment", path: "/n", by: 2 }] },
      { type: "merge", value: { done: false } },
    ),
    heard: { ada: 1, old: 2 },
  },
  { by: "old", says: '{"type":"patch","patch":{"op":"merge","value":{"title":"Tuesday"}}}', heard: { ada: 1, old: 1 } },
  { by: "old", says: '{"op":"merge","value":{"extra":{"deep":[1,2,{"x":null}]}}}', heard: { ada: 1, old: 1 } },
  { by: "old", says: '{"op":"delete","value":{}}', heard: { old: 1 } },
  { by: "old", says: "nonsense", heard: { old: 1 } },
  {
    by: "ada",
    says: mutate(3, { type: "jsonPatch", patch: [{ op: "test", path: "/title", value: "Sunday" }] }),
    heard: { ada: 1 },
  },
  {
    by: "ada",
    says: mutate(4, { type: "jsonPatch", patch: [{ op: "move", from: "/title", path: "/heading" }] }),
    heard: { ada: 1, old: 1 },
  },
  { by: "ada", says: mutate(5, { type: "mergePatch", patch: { extra: { deep: null } } }), heard: { ada: 1, old: 1 } },
  { by: "ada", says: mutate(6, { type: "merge", value: { done: false } }), heard: { ada: 1 } },
  {
    by: "ada",
    says: mutate(7, { type: "merge", value: JSON.parse('{"__proto__":{"x":1}}') as object }),
    heard: { ada: 1, old: 1 },
  },
  { calls: (room) => room.saveVersion("draft", ALL) },
  { by: "ada", says: mutate(8, { type: "set", value: [1, 2, 3] }), heard: { ada: 1, old: 1 } },
  { connect: "late", ...simple, heard: { late: 1 } },
  { calls: (room) => room.restoreVersion("draft", ALL), heard: { ada: 1, old: 1, late: 1 } },
  { by: "late", says: '{"op":"set","value":{"fresh":true}}', heard: { ada: 1, old: 1, late: 1 } },
  { by: "old", closes: true },
  { calls: (room) => room.clear(ALL), heard: { ada: 1, late: 1 } },
  { by: "late", says: '{"op":"merge","value":{"a":1}}', heard: { ada: 1, late: 1 } },
  { calls: (room) => room.readText() },
];

interface Played<Room extends DurableObjectStub> {
  readonly name: string;
  readonly moves: readonly Move<Room>[];
  readonly room: (name: string) => Room;
}

function conversation<Room extends DurableObjectStub>({ name, moves, room }: Played<Room>): void {
  describe(`a conversation with a ${name}`, () => {
    beforeEach(() => {
      // A fault in a kind is logged, and is part of the conversation.
      const log = vi.spyOn(console, "error").mockImplementation(() => {});
      return () => log.mockRestore();
    });

    const played = (label: string, sleepsAfter: (move: number) => boolean): Promise<Transcript> => {
      const stub = room(`${name} ${label}`);
      return play(stub, moves, async (move) => {
        if (sleepsAfter(move)) await sleep(stub);
      });
    };

    test("H1 is the same with a sleep after every frame", async () => {
      const awake = await played("awake", () => false);
      expect(await played("again", () => false)).toEqual(awake);
      expect(await played("asleep", () => true)).toEqual(awake);
    });

    test("H1 is the same with one sleep, wherever it comes", async () => {
      const awake = await played("awake twice", () => false);
      // Many rooms at once: a conversation is mostly waiting.
      const positions = [...moves.keys()];
      for (let from = 0; from < positions.length; from += AT_ONCE) {
        const batch = positions.slice(from, from + AT_ONCE);
        const slept = await Promise.all(batch.map((at) => played(`asleep after ${at}`, (move) => move === at)));
        expect(slept).toEqual(slept.map(() => awake));
      }
    });
  });
}

conversation({ name: "counter", moves: COUNTING, room: (name) => env.COUNTERS.getByName(name) });
conversation({ name: "document", moves: EDITING, room: (name) => env.DOCUMENTS.getByName(name) });

test("H2 a ping is answered without waking the room", async () => {
  const room = env.COUNTERS.getByName("ping");
  const { peer } = await Peer.live(room);
  await evictDurableObject(room);
  for (let n = 0; n < 3; n += 1) {
    peer.socket.send(PING);
    expect(await peer.line()).toBe(PONG);
  }
  await expect(evictDurableObject(room)).rejects.toThrow("not currently running");
  peer.mutate(1, { add: 1 });
  await peer.expect("ops");
});
