import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { ClientMessage } from "./client/index.ts";
import { RoomMessage } from "./room/index.ts";

const CLIENT = "abcdefghijklmnop";

describe("ClientMessage", () => {
  test.each([
    { t: "hello", v: 1, client: CLIENT },
    { t: "hello", v: 2, client: "A".repeat(64), since: { epoch: "e1", seq: 0 }, presence: null },
    { t: "hello", v: 1, client: "a_b-c_d-e_f-g_h-", presence: { name: "Ada", cursor: [1, 2] } },
    { t: "mutate", m: 1, intents: [null] },
    { t: "mutate", m: Number.MAX_SAFE_INTEGER, intents: [{ type: "set" }, 2], ifVersion: "e1.4" },
    { t: "presence", data: {} },
    { t: "presence", data: null },
    { t: "ack", n: 1 },
  ])("takes %j", (message) => {
    expect(v.parse(ClientMessage, message)).toEqual(message);
  });

  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a text", "ping"],
    ["a list of messages", [{ t: "ack", n: 1 }]],
    ["no type", { n: 1 }],
    ["an unknown type", { t: "shout" }],
    ["a type that is inherited", { t: "toString" }],
    ["a room's message", { t: "done", m: 1 }],
    ["a hello without a version", { t: "hello", client: CLIENT }],
    ["a short client id", { t: "hello", v: 1, client: "short" }],
    ["a long client id", { t: "hello", v: 1, client: "a".repeat(65) }],
    ["a client id with other characters", { t: "hello", v: 1, client: "abcdefghijklmno/" }],
    ["a client id with a line end", { t: "hello", v: 1, client: `${CLIENT}\n` }],
    ["a negative position", { t: "hello", v: 1, client: CLIENT, since: { epoch: "e", seq: -1 } }],
    ["half a position", { t: "hello", v: 1, client: CLIENT, since: { epoch: "e" } }],
    ["a position between ops", { t: "hello", v: 1, client: CLIENT, since: { epoch: "e", seq: 0.5 } }],
    ["an endless epoch", { t: "hello", v: 1, client: CLIENT, since: { epoch: "e".repeat(33), seq: 0 } }],
    ["presence that is a text", { t: "presence", data: "here" }],
    ["presence that is a list", { t: "presence", data: ["here"] }],
    ["presence that is an empty list", { t: "presence", data: [] }],
    ["a hello with presence that is a list", { t: "hello", v: 1, client: CLIENT, presence: [] }],
    ["presence without data", { t: "presence" }],
    ["mutation number 0", { t: "mutate", m: 0, intents: [1] }],
    ["a mutation number that is a text", { t: "mutate", m: "1", intents: [1] }],
    ["a mutation number beyond whole numbers", { t: "mutate", m: 2 ** 53, intents: [1] }],
    ["a mutation of nothing", { t: "mutate", m: 1, intents: [] }],
    ["a mutation without a list", { t: "mutate", m: 1, intents: { type: "set" } }],
    ["an expected version that is a number", { t: "mutate", m: 1, intents: [1], ifVersion: 4 }],
    ["ack number 0", { t: "ack", n: 0 }],
    ["an ack of NaN", { t: "ack", n: Number.NaN }],
  ])("refuses %s", (_title, message) => {
    expect(v.is(ClientMessage, message)).toBe(false);
  });

  test("an intent goes through untouched, whatever its keys", () => {
    const text = '{"t":"mutate","m":1,"intents":[{"type":"merge","value":{"__proto__":{"a":1}}}]}';
    expect(JSON.stringify(v.parse(ClientMessage, JSON.parse(text)))).toBe(text);
  });

  test("unknown members are dropped, so that newer clients can add some", () => {
    expect(v.parse(ClientMessage, { t: "ack", n: 2, later: true })).toEqual({ t: "ack", n: 2 });
  });
});

describe("RoomMessage", () => {
  test.each([
    {
      t: "welcome",
      v: 1,
      kind: "document",
      conn: "c",
      you: "y",
      can: ["read"],
      last: 0,
      gaps: [[1, 2]],
      epoch: "e",
      head: 3,
      resume: "tail",
      now: 1,
    },
    { t: "snapshot", epoch: "e", seq: 3, kv: 1, state: { a: 1 }, reset: "restored" },
    { t: "ops", seq: 1, at: 1, entries: [{ by: "y", m: 1, ops: [{ type: "set", value: 1 }] }, { ops: [] }] },
    { t: "presence", set: { c: { by: "y", data: {} } }, gone: ["d"] },
    { t: "done", m: 1 },
    { t: "refused", m: 1, code: "conflict", message: "No.", intent: 0, path: "/a" },
    { t: "mark", n: 1 },
  ])("$t is a message", (message) => {
    expect(v.parse(RoomMessage, message)).toEqual(message);
  });

  test.each([
    { t: "refused", code: "no_such_code", message: "" },
    { t: "welcome" },
    { t: "snapshot", epoch: "e", seq: 1, kv: 1, state: 1, reset: "because" },
  ])("%j is none", (message) => {
    expect(v.is(RoomMessage, message)).toBe(false);
  });
});
