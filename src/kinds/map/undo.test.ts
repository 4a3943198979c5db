import { describe, expect, test } from "vitest";
import { TryMap } from "./try-map.ts";
import type { LngLat } from "./types.ts";

const pin = (lng = 1, lat = 2) => ({ geometry: { type: "Point", coordinates: [lng, lat] } }) as const;
const line = (...coordinates: LngLat[]) => ({ geometry: { type: "LineString", coordinates } }) as const;
const undo = { type: "undo" };

/** What anybody sees of a map: not who did it when. */
function shown(map: TryMap): unknown {
  return map.state.features.flatMap((bucket) =>
    Object.entries(bucket).map(([id, { made: _made, changed: _changed, ...fields }]) => [id, fields]),
  );
}

/** A map with a pin `a`, a route `r` and the pin, made by somebody else. */
function start(): TryMap {
  const map = new TryMap();
  map.do("zoe", { type: "addFeature", id: "a", feature: { ...pin(), title: "A", color: "#aa0000" } });
  map.do("zoe", { type: "addFeature", id: "r", feature: line([0, 0], [1, 1]) });
  map.do("zoe", { type: "setPin", at: [3, 3] });
  return map;
}

const CHANGES: readonly [string, unknown][] = [
  ["a feature that was added", { type: "addFeature", id: "b", feature: pin() }],
  [
    "fields that were changed, set and removed",
    { type: "updateFeature", id: "a", change: { title: "B", note: "N", color: null } },
  ],
  ["a move", { type: "updateFeature", id: "a", change: pin(9, 9) }],
  ["a point that was drawn", { type: "addPoint", id: "r", point: [2, 2], at: 1 }],
  ["a removal", { type: "removeFeature", id: "a" }],
  ["the pin's move", { type: "setPin", at: [4, 4] }],
  ["an import", { type: "import", features: [pin(), { id: "x", ...pin(3, 3) }] }],
];

describe("undo", () => {
  test.each(CHANGES)("M7 takes back %s", (_title, change) => {
    const map = start();
    const before = shown(map);
    expect(map.do("ada", change)).toHaveLength(1);
    expect(shown(map)).not.toEqual(before);
    expect(map.do("ada", undo)).toHaveLength(1);
    expect(shown(map)).toEqual(before);
    expect(map.do("ada", undo)).toBe("conflict");
  });

  test("M7 one after the other, newest first, past what others do and what was undone", () => {
    const map = start();
    const states = [shown(map)];
    for (const [, change] of CHANGES.slice(0, 4)) {
      map.do("ada", change);
      map.do("bob", { type: "addFeature", id: `bob${states.length}`, feature: pin() });
      map.do("bob", undo);
      states.push(shown(map));
    }
    map.do("ada", undo);
    expect(shown(map)).toEqual(states[3]);
    map.do("ada", { type: "updateFeature", id: "a", change: { icon: "star" } });
    map.do("ada", undo);
    for (const expected of [states[2], states[1], states[0]]) {
      map.do("ada", undo);
      expect(shown(map)).toEqual(expected);
    }
    expect(map.do("ada", undo)).toBe("conflict");
  });

  test.each<[string, unknown, unknown]>([
    ["the same field", CHANGES[1]?.[1], { type: "updateFeature", id: "a", change: { title: "C" } }],
    ["a place that was moved on", CHANGES[2]?.[1], { type: "updateFeature", id: "a", change: pin(8, 8) }],
    ["a feature that is gone", CHANGES[1]?.[1], { type: "removeFeature", id: "a" }],
    [
      "a feature that somebody has named since",
      CHANGES[0]?.[1],
      { type: "updateFeature", id: "b", change: { title: "B" } },
    ],
    [
      "a line that somebody has redrawn",
      CHANGES[3]?.[1],
      { type: "updateFeature", id: "r", change: line([5, 5], [6, 6], [7, 7]) },
    ],
    ["an id that is taken again", CHANGES[4]?.[1], { type: "addFeature", id: "a", feature: pin() }],
    ["one of an import", CHANGES[6]?.[1], { type: "removeFeature", id: "x" }],
  ])("M8 is refused where somebody has changed %s since", (_title, mine, theirs) => {
    const map = start();
    map.do("ada", mine);
    expect(map.do("bob", theirs)).toHaveLength(1);
    const before = map.state;
    expect(map.do("ada", undo)).toBe("conflict");
    expect(map.state).toBe(before);
    // Where bob takes his back, ada can.
    map.do("bob", undo);
    expect(map.do("ada", undo)).toHaveLength(1);
  });

  test("M8 other fields of the same feature do not hinder it", () => {
    const map = start();
    map.do("ada", { type: "updateFeature", id: "a", change: { title: "B" } });
    map.do("bob", { type: "updateFeature", id: "a", change: { note: "N", ...pin(5, 5) } });
    map.do("ada", undo);
    expect(map.feature("a")).toMatchObject({ title: "A", note: "N", ...pin(5, 5), changed: { by: "ada" } });
  });

  test("M7 is one's own: others' changes, and those without a name, are not", () => {
    const map = start();
    expect(map.do("ada", undo)).toBe("conflict");
    map.do(undefined, { type: "addFeature", id: "b", feature: pin() });
    expect(map.do(undefined, undo)).toBe("conflict");
    expect(map.log.at(-1)).not.toHaveProperty("undo");
  });

  test("M7 what the log no longer holds cannot be undone", () => {
    const map = start();
    map.do("ada", CHANGES[0]?.[1]);
    map.log[3] = undefined as never;
    expect(map.do("ada", undo)).toBe("conflict");
  });

  test("M7 numbers of another history lead nowhere", () => {
    const map = start();
    for (const [, change] of CHANGES.slice(0, 3)) map.do("ada", change);
    // As after a restore: the state of then, and a log that begins again.
    const restored = new TryMap();
    restored.state = map.state;
    for (let n = 0; n < 6; n += 1) restored.do("bob", { type: "setPin", at: [n, n] });
    expect(restored.do("ada", undo)).toBe("conflict");
    restored.do("ada", { type: "updateFeature", id: "a", change: { note: "new" } });
    expect(restored.do("ada", undo)).toHaveLength(1);
    expect(restored.do("ada", undo)).toBe("conflict");
  });

  test("M7 of many authors the latest can undo, and the state stays small", () => {
    const map = start();
    for (let n = 0; n < 250; n += 1) map.do(`p${n}`, { type: "addFeature", id: `f${n}`, feature: pin() });
    expect(Object.keys(map.state.undo)).toHaveLength(200);
    expect(map.do("p249", undo)).toHaveLength(1);
    expect(map.do("p0", undo)).toBe("conflict");
  });
});
