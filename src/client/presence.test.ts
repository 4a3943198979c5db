import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Welcome } from "../protocol/room/welcome.ts";
import { Presence } from "./presence.ts";

let sent: unknown[];
let connected: boolean;
let presence: Presence<{ readonly x: number }>;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  connected = true;
  presence = new Presence((line) => connected && sent.push((JSON.parse(line) as { data: unknown }).data) > 0);
});

afterEach(() => {
  vi.useRealTimers();
});

function welcome(roster: Welcome["presence"]): void {
  presence.welcome({ conn: "me1", you: "me", presence: roster } as Welcome);
}

const at = (by: string, x: number) => ({ by, data: { x } });

test("the first is sent at once, then the latest every 30 ms", () => {
  for (let x = 0; x < 100; x += 1) {
    presence.set({ x });
    vi.advanceTimersByTime(1);
  }
  expect(sent).toEqual([{ x: 0 }, { x: 29 }, { x: 59 }, { x: 89 }]);
  vi.advanceTimersByTime(1_000);
  expect(sent.at(-1)).toEqual({ x: 99 });
  expect(sent).toHaveLength(5);
  expect(presence.mine).toEqual({ x: 99 });
});

test("subscribing watches, unseen; nothing is asked before", () => {
  expect(presence.mine).toBeUndefined();
  presence.subscribe(() => {});
  presence.subscribe(() => {});
  expect(sent).toEqual([null]);
  expect(presence.mine).toBeNull();
});

test("the roster: set, gone, replaced as a whole, without oneself", () => {
  const listener = vi.fn<() => void>();
  presence.subscribe(() => {
    listener();
    // Told once the owner has taken everything in.
    presence.tell();
  });
  // me0: a connection that this client lost and the room has not missed yet.
  welcome({ me0: at("me", 0), me1: at("me", 1), a1: at("a", 2) });
  expect(presence.peers).toEqual([{ conn: "a1", by: "a", data: { x: 2 } }]);
  const before = presence.peers;
  expect(presence.peers).toBe(before);
  presence.receive({ t: "presence", set: { b1: at("b", 3), a1: at("a", 4) }, gone: ["nobody"] });
  expect(presence.peers.map(({ conn, data }) => [conn, data.x])).toEqual([
    ["a1", 4],
    ["b1", 3],
  ]);
  presence.receive({ t: "presence", set: {}, gone: ["a1"] });
  expect(presence.peers.map(({ conn }) => conn)).toEqual(["b1"]);
  presence.receive({ t: "presence", all: true, set: { c1: at("c", 5) }, gone: [] });
  expect(presence.peers.map(({ conn }) => conn)).toEqual(["c1"]);
  expect(listener).not.toHaveBeenCalled();
  presence.tell();
  presence.tell();
  expect(listener).toHaveBeenCalledTimes(1);
  presence.end();
  expect(presence.peers).toEqual([]);
});

test("a change between the hello and the welcome is sent after the welcome, one before is in the hello", () => {
  connected = false;
  presence.set({ x: 1 });
  expect(presence.hello()).toEqual({ x: 1 });
  presence.set({ x: 2 });
  presence.clear();
  presence.set({ x: 3 });
  connected = true;
  welcome(undefined);
  expect(sent).toEqual([{ x: 3 }]);

  connected = false;
  expect(presence.hello()).toEqual({ x: 3 });
  connected = true;
  vi.advanceTimersByTime(1_000);
  welcome({});
  expect(sent).toHaveLength(1);
});

test("what the caller changes in its data later is not sent", () => {
  const data = { x: 1 };
  presence.set(data);
  data.x = NaN;
  expect(presence.mine).toEqual({ x: 1 });
  expect(() => presence.set(data)).toThrow("Not JSON at /x: NaN.");
  expect(presence.mine).toEqual({ x: 1 });
});
