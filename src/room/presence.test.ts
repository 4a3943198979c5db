import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { PresenceRecord } from "../protocol/room/presence.ts";
import { Roster } from "./presence.ts";

const at = (by: string, x = 0): PresenceRecord => ({ by, data: { x } });

interface Change {
  readonly all?: true;
  readonly set: Record<string, PresenceRecord>;
  readonly gone: readonly string[];
}

const take = (roster: Roster, now: number): Change => JSON.parse(roster.take(now)) as Change;

test("P2 the first change goes out at once, the next when the interval is over", () => {
  const roster = new Roster();
  expect(roster.due(1_000)).toBeUndefined();
  roster.set("a", at("ada"));
  expect(roster.due(1_000)).toBe(0);
  roster.take(1_000);
  expect(roster.due(1_000)).toBeUndefined();
  roster.set("a", at("ada", 1));
  expect(roster.due(1_000)).toBe(51);
  expect(roster.due(1_040)).toBe(11);
  expect(roster.due(2_000)).toBe(0);
});

test("P2 the larger the room the rarer its messages, but never rarer than four a second", () => {
  const roster = new Roster();
  for (let member = 0; member < 100; member += 1) roster.set(`c${member}`, at("x"));
  roster.take(5_000);
  roster.set("c0", at("x", 1));
  expect(roster.due(5_000)).toBe(150);
  for (let member = 100; member < 1_000; member += 1) roster.set(`c${member}`, at("x"));
  expect(roster.due(5_000)).toBe(250);
});

test("P2 each connection appears at most once, with its latest data", () => {
  const roster = new Roster();
  roster.set("a", at("ada", 1));
  roster.set("b", at("bob", 1));
  roster.set("a", at("ada", 2));
  roster.set("c", at("eve", 1));
  roster.remove("c");
  expect(take(roster, 0)).toEqual({ t: "presence", set: { a: at("ada", 2), b: at("bob", 1) }, gone: ["c"] });
  roster.remove("b");
  roster.set("b", at("bob", 3));
  expect(take(roster, 0)).toMatchObject({ set: { b: at("bob", 3) }, gone: [] });
});

test("P1 P2 the messages, folded, are the roster", () => {
  const conn = fc.constantFrom("a", "b", "c", "d");
  const step = fc.oneof(
    fc.record({ set: conn, x: fc.nat(9) }),
    fc.record({ remove: conn }),
    fc.constant("take" as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const roster = new Roster();
      const seen = new Map<string, PresenceRecord>();
      const told = (): void => {
        if (roster.due(0) === undefined) return;
        const { set, gone } = take(roster, 0);
        for (const [id, record] of Object.entries(set)) seen.set(id, record);
        for (const id of gone) {
          expect(Object.hasOwn(set, id)).toBe(false);
          seen.delete(id);
        }
      };
      for (const event of steps) {
        if (event === "take") told();
        else if ("set" in event) roster.set(event.set, at(event.set, event.x));
        else roster.remove(event.remove);
      }
      told();
      expect(Object.fromEntries(seen)).toEqual(roster.all());
      expect(JSON.parse(roster.full())).toEqual({ t: "presence", all: true, set: roster.all(), gone: [] });
    }),
  );
});

test("P4 members found after a sleep are no news", () => {
  const roster = new Roster();
  roster.restore("a", at("ada"));
  expect(roster.due(0)).toBeUndefined();
  expect(roster.all()).toEqual({ a: at("ada") });
  roster.remove("a");
  expect(take(roster, 0)).toMatchObject({ set: {}, gone: ["a"] });
});
