import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../protocol/json.ts";
import { Refusal } from "../../protocol/refusal.ts";
import { MAP_LIMITS, type MapLimits } from "./limits.ts";
import { mapPresence } from "./presence.ts";
import { TryMap } from "./try-map.ts";

const point = (...coordinates: unknown[]): unknown => ({ type: "Point", coordinates });
const line = (...coordinates: unknown[]): unknown => ({ type: "LineString", coordinates });
const ring = (...coordinates: unknown[]): unknown => ({ type: "Polygon", coordinates: [coordinates] });
const add = (geometry: unknown, more: object = {}): unknown => ({
  type: "addFeature",
  id: "x",
  feature: { geometry, ...more },
});

/** As it comes from the wire: `__proto__` is a key, 1e999 is Infinity. */
const wire = (text: string): unknown => JSON.parse(text);

describe("geometries", () => {
  test.each<[string, unknown]>([
    ["the antimeridian from both sides", line([180, 0], [-180, 0])],
    ["the poles", line([0, 90], [0, -90])],
    [
      "an area with a hole",
      {
        type: "Polygon",
        coordinates: [
          [
            [0, 0],
            [9, 0],
            [9, 9],
            [0, 0],
          ],
          [
            [1, 1],
            [2, 1],
            [2, 2],
            [1, 1],
          ],
        ],
      },
    ],
  ])("M9 %s is taken", (_title, geometry) => {
    expect(new TryMap().do("ada", add(geometry))).toHaveLength(1);
  });

  test.each<[string, unknown]>([
    ["a longitude of a thousand turns", point(360_000.5, 0)],
    ["metres of a projection as a longitude", line([0, 0], [261_845.7, 2])],
    ["-Infinity", wire('{"type":"Point","coordinates":[-1e999,0]}')],
    ["a latitude past 90 beside a longitude past 180", point(190, 90.000_001)],
    ["a latitude past 90", point(0, -90.1)],
    ["latitude first, where it shows", point(48.8, 122)],
    ["Infinity", wire('{"type":"Point","coordinates":[1e999,0]}')],
    ["NaN", point(Number.NaN, 0)],
    ["text", point("1", "2")],
    ["null", point(null, 0)],
    ["one number", point(1)],
    ["a height", point(1, 2, 3)],
    ["an object", { type: "Point", coordinates: { lng: 1, lat: 2 } }],
    ["a line of one", line([1, 2])],
    ["a line of none", line()],
    ["a line with a hole", line([1, 2], null)],
    ["a ring that is open", ring([0, 0], [1, 0], [1, 1], [0, 1])],
    ["a ring of three", ring([0, 0], [1, 0], [0, 0])],
    ["no ring", { type: "Polygon", coordinates: [] }],
    ["another type", { type: "MultiPoint", coordinates: [[1, 2]] }],
    ["no type", { coordinates: [1, 2] }],
    ["more members", { type: "Point", coordinates: [1, 2], bbox: [0, 0, 1, 1] }],
    ["a prototype", wire('{"type":"Point","coordinates":[1,2],"__proto__":{"x":1}}')],
    ["nothing", null],
  ])("M9 %s is refused", (_title, geometry) => {
    const map = new TryMap();
    expect(map.do("ada", add(geometry))).toBe("bad_intent");
    map.do("ada", { type: "addFeature", id: "x", feature: { geometry: point(0, 0) } });
    expect(map.do("ada", { type: "updateFeature", id: "x", change: { geometry } })).toBe("bad_intent");
    expect(
      map.do("ada", { type: "setPin", at: (geometry as { coordinates?: unknown } | null)?.coordinates ?? null }),
    ).toSatisfy((result) => result === "bad_intent" || Array.isArray(result));
    expect(map.log).toHaveLength(map.feature("pin") === undefined ? 1 : 2);
  });
});

describe("longitudes beyond 180", () => {
  test.each([
    [180, 180],
    [-180, -180],
    [180.000_001, -179.999_999],
    [190, -170],
    [-190, 170],
    [359.9, -0.1],
    [360, 0],
    [361.3, 1.3],
    [540, 180],
    [-540, -180],
    [-541, 179],
    [35_999.5, -0.5],
  ])("M9 %d is wrapped to %d in every intent", (lng, wrapped) => {
    const map = new TryMap();
    map.do("ada", { type: "setPin", at: [lng, 1] });
    expect(map.feature("pin")?.geometry.coordinates).toEqual([wrapped, 1]);
    map.do("ada", { type: "setPin", at: [lng, 2] });
    expect(map.feature("pin")?.geometry.coordinates).toEqual([wrapped, 2]);
    map.do("ada", add(line([0, 0], [lng, 1])));
    map.do("ada", { type: "addPoint", id: "x", point: [lng, 2] });
    const route = [
      [0, 0],
      [wrapped, 1],
      [wrapped, 2],
    ];
    expect(map.feature("x")?.geometry.coordinates).toEqual(route);
    map.do("ada", { type: "updateFeature", id: "x", change: { geometry: line([lng, 5], [1, 1]) } });
    expect(map.feature("x")?.geometry.coordinates[0]).toEqual([wrapped, 5]);
    map.do("ada", { type: "import", features: [{ id: "y", geometry: ring([lng, 0], [1, 0], [1, 1], [lng, 0]) }] });
    expect(map.feature("y")?.geometry.coordinates).toEqual([
      [
        [wrapped, 0],
        [1, 0],
        [1, 1],
        [wrapped, 0],
      ],
    ]);
  });

  test("M9 a ring that closes one turn further is closed", () => {
    const map = new TryMap();
    expect(map.do("ada", add(ring([190, 0], [200, 0], [200, 5], [-170, 0])))).toHaveLength(1);
    expect(map.feature("x")?.geometry.coordinates).toEqual([
      [
        [-170, 0],
        [-160, 0],
        [-160, 5],
        [-170, 0],
      ],
    ]);
  });

  test("M22 a line drawn past the antimeridian is stored on both of its sides", () => {
    const map = new TryMap();
    map.do("ada", add(line([170, 0], [180, 1], [190, 2])));
    expect(map.feature("x")?.geometry.coordinates).toEqual([
      [170, 0],
      [180, 1],
      [-170, 2],
    ]);
  });

  test("M11 cursors and viewports are wrapped", () => {
    expect(mapPresence({ name: "A", cursor: [190, 1], viewport: { center: [-541, 2], zoom: 1 } })).toEqual({
      name: "A",
      cursor: [-170, 1],
      viewport: { center: [179, 2], zoom: 1 },
    });
  });
});

describe("fields", () => {
  test.each<[string, object]>([
    ["a title that is no text", { title: 7 }],
    ["a color by name", { color: "red" }],
    ["a color in capitals", { color: "#FF0000" }],
    ["an icon that is a path", { icon: "../x" }],
    ["metadata that is a list", { metadata: [] }],
    ["metadata with Infinity", { metadata: { n: Infinity } }],
    ["a field that nobody knows", { style: "x" }],
    ["somebody else's name", { made: { by: "zoe", at: 1 } }],
    ["a prototype", wire('{"__proto__":{"title":"x"}}') as object],
  ])("M9 %s is refused", (_title, more) => {
    // Not spread: that would lose what `__proto__` means.
    const feature = Object.defineProperties({ geometry: point(0, 0) }, Object.getOwnPropertyDescriptors(more));
    expect(new TryMap().do("ada", { type: "addFeature", feature })).toBe("bad_intent");
  });

  test.each(["", " ", "a b", "é", "a/b", "x".repeat(65)])("M9 %j is no id", (id) => {
    expect(new TryMap().do("ada", { type: "addFeature", id, feature: { geometry: point(0, 0) } })).toBe("bad_intent");
  });

  test("M9 names of prototypes are ids and keys like any other", () => {
    const map = new TryMap();
    const metadata = wire('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
    for (const id of ["__proto__", "constructor", "toString"]) {
      map.do("ada", { type: "addFeature", id, feature: { geometry: point(0, 0), metadata } });
      map.do("bob", { type: "updateFeature", id, change: { title: id, metadata: wire('{"__proto__":2}') } });
      expect(map.feature(id)?.title).toBe(id);
      expect(JSON.stringify(map.feature(id)?.metadata)).toBe('{"__proto__":2}');
      map.do("bob", { type: "undo" });
      expect(JSON.stringify(map.feature(id)?.metadata)).toBe(JSON.stringify(metadata));
    }
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect(map.state.size.features).toBe(3);
    for (const id of ["__proto__", "constructor", "toString"]) map.do("ada", { type: "removeFeature", id });
    expect(map.state.size).toEqual({ features: 0, vertices: 0, bytes: 0 });
  });
});

const LOW: MapLimits = {
  features: 2,
  featureVertices: 3,
  vertices: 5,
  metadataBytes: 20,
  metadataDepth: 2,
  title: 3,
  note: 4,
};

describe("limits", () => {
  test.each<[string, unknown, string]>([
    ["a title", add(point(0, 0), { title: "1234" }), "too_large"],
    ["a note", add(point(0, 0), { note: "12345" }), "too_large"],
    ["metadata", add(point(0, 0), { metadata: { a: "é".repeat(8) } }), "too_large"],
    ["the depth of metadata", add(point(0, 0), { metadata: { a: { b: {} } } }), "too_deep"],
    ["the positions of a feature", add(line([0, 0], [1, 1], [2, 2], [3, 3])), "too_large"],
    ["the positions of the map", add(line([0, 0], [1, 1], [2, 2])), "too_large"],
    ["a point of a line that is full", { type: "addPoint", id: "full", point: [0, 0] }, "too_large"],
    [
      "the features of a map",
      { type: "import", features: [{ geometry: point(0, 0) }, { geometry: point(0, 0) }] },
      "too_large",
    ],
  ])("M10 %s over its limit is refused and changes nothing", (_title, intent, code) => {
    const map = new TryMap(LOW);
    map.do("ada", { type: "addFeature", id: "full", feature: { geometry: line([0, 0], [1, 1], [2, 2]) } });
    const before = map.state;
    expect(map.do("bob", intent)).toBe(code);
    expect(map.state).toBe(before);
  });

  test("M10 up to the limit is taken", () => {
    const map = new TryMap(LOW);
    expect(
      map.do("ada", add(line([0, 0], [1, 1], [2, 2]), { title: "123", note: "1234", metadata: { a: { b: 1 } } })),
    ).toHaveLength(1);
    expect(map.do("ada", { type: "import", features: [{ geometry: line([0, 0], [1, 1]) }] })).toHaveLength(1);
    expect(map.do("ada", { type: "setPin", at: [0, 0] })).toBe("too_large");
  });

  test("M10 a map that is over a limit that was lowered may shrink and be edited", () => {
    const map = new TryMap();
    for (const id of ["a", "b", "c"])
      map.do("ada", { type: "addFeature", id, feature: { geometry: line([0, 0], [1, 1], [2, 2]) } });
    const low = new TryMap(LOW);
    low.state = map.state;
    expect(low.do("ada", { type: "updateFeature", id: "a", change: { title: "A" } })).toHaveLength(1);
    expect(low.do("ada", { type: "removeFeature", id: "a" })).toHaveLength(1);
    expect(low.do("ada", { type: "addPoint", id: "b", point: [0, 0] })).toBe("too_large");
  });

  test("M10 what an undo would bring back counts too", () => {
    const map = new TryMap({ features: 1 });
    map.do("ada", add(point(0, 0)));
    map.do("ada", { type: "removeFeature", id: "x" });
    map.do("bob", { type: "setPin", at: [0, 0] });
    expect(map.do("ada", { type: "undo" })).toBe("too_large");
  });

  test("M10 the map's features together", () => {
    const map = new TryMap();
    const state = map.state;
    const decided = map.kind.decide(
      state,
      { type: "setPin", at: [0, 0] },
      { now: 1, id: () => "x", can: [], seq: 1, limits: { stateBytes: 50 } as never },
    );
    expect(decided).toMatchObject({ code: "too_large" });
    expect(MAP_LIMITS.features).toBe(20_000);
  });
});

describe("presence", () => {
  const full = {
    name: "Ada",
    color: "#0088ff",
    location: { lng: 13.404_954_321, lat: 52.520_008_123, accuracy: 12.4, heading: 271.6 },
    cursor: [-180, 89.123_456_78],
    viewport: { center: [1.000_000_04, 2], zoom: 11.256, bearing: -20.4, pitch: 30 },
    following: "q81mz0fa",
    mood: { any: ["thing"] },
  };

  test("M11 is rounded to what a screen shows, and what it does not know is kept", () => {
    expect(mapPresence(full as unknown as JsonObject)).toEqual({
      ...full,
      location: { lng: 13.404_954, lat: 52.520_008, accuracy: 12, heading: 272 },
      cursor: [-180, 89.123_457],
      viewport: { center: [1, 2], zoom: 11.26, bearing: -20, pitch: 30 },
    });
    expect(mapPresence({ name: "A" })).toEqual({ name: "A" });
  });

  test.each<[string, unknown, string]>([
    ["no name", {}, "/name"],
    ["a name that is too long", { name: "x".repeat(65) }, "/name"],
    ["a place off the earth", { name: "A", location: { lng: 181, lat: 0 } }, "/location/lng"],
    ["half a place", { name: "A", location: { lng: 1 } }, "/location/lat"],
    ["an accuracy below 0", { name: "A", location: { lng: 1, lat: 1, accuracy: -1 } }, "/location/accuracy"],
    ["a heading past 360", { name: "A", location: { lng: 1, lat: 1, heading: 361 } }, "/location/heading"],
    ["a cursor off the earth", { name: "A", cursor: [0, 91] }, "/cursor/1"],
    ["a viewport without a zoom", { name: "A", viewport: { center: [0, 0] } }, "/viewport/zoom"],
    ["a color by name", { name: "A", color: "red" }, "/color"],
    ["following an object", { name: "A", following: {} }, "/following"],
    ["Infinity", { name: "A", location: { lng: Infinity, lat: 0 } }, "/location/lng"],
  ])("M11 %s is refused with its place", (_title, data, path) => {
    const refusal = mapPresence(data as JsonObject);
    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal).toMatchObject({ code: "bad_message", place: { path } });
  });
});
