import { describe, expect, test } from "vitest";
import { checkKind } from "../../testing/check-kind.ts";
import { featuresOf } from "./features.ts";
import { sortedFeatures } from "./geojson.ts";
import { mapIntents } from "./intents.ts";
import { mapKind } from "./kind.ts";
import { TryMap } from "./try-map.ts";
import type { LngLat, MapIntent } from "./types.ts";

const pin = (lng = 1, lat = 2) => ({ geometry: { type: "Point", coordinates: [lng, lat] } }) as const;
const line = (...coordinates: LngLat[]) => ({ geometry: { type: "LineString", coordinates } }) as const;

/** A map with a feature `a`, made by ada. */
function withPin(): TryMap {
  const map = new TryMap();
  map.do("ada", { type: "addFeature", id: "a", feature: { ...pin(), title: "A" } });
  return map;
}

describe("features", () => {
  test("M1 who made a feature and who changed it last, and when", () => {
    const map = new TryMap();
    map.do("ada", { type: "addFeature", id: "a", feature: pin() }, { user: { id: "u1", name: "Ada" } });
    map.do("bob", { type: "updateFeature", id: "a", change: { title: "B" } });
    expect(map.feature("a")).toEqual({
      ...pin(),
      title: "B",
      made: { by: "ada", user: "u1", name: "Ada", at: 1_000 },
      changed: { by: "bob", at: 1_001 },
    });
  });

  test("M2 two who change different fields at once both get what they want", () => {
    const map = withPin();
    map.do("ada", { type: "updateFeature", id: "a", change: { title: "Café", color: "#aa0000" } });
    map.do("bob", { type: "updateFeature", id: "a", change: pin(3, 4) });
    map.do("eve", { type: "updateFeature", id: "a", change: { color: null, metadata: { open: true } } });
    expect(map.feature("a")).toMatchObject({ title: "Café", metadata: { open: true }, ...pin(3, 4) });
    expect(map.feature("a")).not.toHaveProperty("color");
  });

  test("M2 what a change leaves as it is, is not logged", () => {
    const map = withPin();
    expect(map.do("bob", { type: "updateFeature", id: "a", change: { title: "A", note: null, ...pin() } })).toEqual([]);
    const [op] = map.do("bob", { type: "updateFeature", id: "a", change: { title: "A", note: "N" } });
    expect(op).toMatchObject({ change: { note: "N" }, was: { note: null } });
    expect(op).not.toHaveProperty("change.title");
  });

  test("M3 a route is drawn point by point, also in the middle", () => {
    const map = new TryMap();
    map.do("ada", { type: "addFeature", id: "r", feature: line([0, 0], [1, 1]) });
    map.do("ada", { type: "addPoint", id: "r", point: [3, 3] });
    map.do("bob", { type: "addPoint", id: "r", point: [2, 2], at: 2 });
    expect(map.feature("r")?.geometry.coordinates).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    expect(map.do("ada", { type: "addPoint", id: "r", point: [9, 9], at: 5 })).toBe("conflict");
    expect(map.state.size.vertices).toBe(4);
  });

  test.each<[string, unknown, string]>([
    ["an id that is taken", { type: "addFeature", id: "a", feature: pin() }, "conflict"],
    ["a feature that is not there", { type: "updateFeature", id: "b", change: {} }, "not_found"],
    ["a point for no line", { type: "addPoint", id: "b", point: [0, 0] }, "not_found"],
    ["a point for a pin", { type: "addPoint", id: "a", point: [0, 0] }, "conflict"],
    ["the removal of nothing", { type: "removeFeature", id: "__proto__" }, "not_found"],
    ["a line where a point was", { type: "updateFeature", id: "a", change: line([0, 0], [1, 1]) }, "conflict"],
    ["a line as the pin", { type: "addFeature", id: "pin", feature: line([0, 0], [1, 1]) }, "conflict"],
  ])("M1 M5 %s is refused and changes nothing", (_title, intent, code) => {
    const map = withPin();
    const before = map.state;
    expect(map.do("bob", intent)).toBe(code);
    expect(map.state).toBe(before);
  });
});

describe("the pin", () => {
  test("M5 is made, then moved, and logged even where it stands already", () => {
    const map = new TryMap();
    map.do("ada", { type: "setPin", at: [1, 2] });
    map.do("bob", { type: "updateFeature", id: "pin", change: { title: "Here" } });
    expect(map.do("bob", { type: "setPin", at: [1, 2] })).toHaveLength(1);
    expect(map.feature("pin")).toMatchObject({ ...pin(1, 2), title: "Here", made: { by: "ada" } });
  });
});

describe("import", () => {
  test("M6 features without ids keep the order that they have in it", () => {
    const map = new TryMap();
    const titles = Array.from({ length: 30 }, (_, index) => `stage ${index + 1}`);
    const features = titles.map((title) => ({ title, geometry: { type: "Point", coordinates: [0, 0] } }));
    map.do("ada", { type: "import", features });
    expect(sortedFeatures(map.state).map(([, { title }]) => title)).toEqual(titles);
  });

  test("M6 all at once, with new ids for those that are taken", () => {
    const map = withPin();
    const features = [{ id: "a", ...pin(5, 5) }, { id: "b", ...pin(6, 6) }, { id: "b", ...pin(7, 7) }, pin(8, 8)];
    expect(map.do("bob", { type: "import", features })).toHaveLength(1);
    expect(map.state.size.features).toBe(5);
    expect(map.feature("a")).toMatchObject({ title: "A" });
    expect(map.feature("b")).toMatchObject({ ...pin(6, 6), made: { by: "bob" } });
  });

  test("M6 one that is wrong and none is added", () => {
    const map = new TryMap({ title: 5 });
    const features = [pin(), { ...pin(), title: "too long" }];
    expect(map.decide("bob", { type: "import", features })).toMatchObject({
      code: "too_large",
      place: { path: "/features/1/title" },
    });
    expect(map.do("bob", { type: "import", features: [pin(), pin(1, 91)] })).toBe("bad_intent");
    expect(map.state.size.features).toBe(0);
  });
});

test("M1 the kind keeps what every kind promises, sizes included", () => {
  const { state } = checkKind(
    { ...mapKind(), intents: mapIntents },
    {
      by: "ada",
      intents: [
        { type: "addFeature", id: "a", feature: { ...pin(), title: "é", metadata: { __proto__: 1, list: [1] } } },
        { type: "addFeature", id: "__proto__", feature: line([0, 0], [1, 1]) },
        { type: "addPoint", id: "__proto__", point: [-180, 90] },
        { type: "updateFeature", id: "a", change: { note: "n", metadata: null } },
        { type: "setPin", at: [180, -90] },
        { type: "setPin", at: [179.5, -90] },
        { type: "import", features: [pin(), { id: "b", ...line([0, 0], [1, 1]), color: "#00ff00", icon: "star" }] },
        { type: "removeFeature", id: "b" },
        { type: "undo" },
      ] satisfies MapIntent[],
    },
  );
  const written = [...featuresOf(state)];
  expect(state.size.features).toBe(written.length);
  expect(state.size.vertices).toBe(6);
  const encoder = new TextEncoder();
  const bytes = written.map(
    ([id, feature]) => encoder.encode(`${JSON.stringify(id)}:${JSON.stringify(feature)},`).length,
  );
  expect(state.size.bytes).toBe(bytes.reduce((sum, each) => sum + each, 0));
});

test("M4 10,000 features: one more costs one bucket, and every other is the same object", () => {
  const map = new TryMap();
  map.do("ada", { type: "import", features: Array.from({ length: 10_000 }, (_, n) => pin(n / 100, 1)) });
  const before = map.state;
  map.do("bob", { type: "addFeature", id: "one-more", feature: pin() });
  expect(map.state.features.filter((bucket, index) => bucket !== before.features[index])).toHaveLength(1);
  expect(Math.max(...before.features.map((bucket) => Object.keys(bucket).length))).toBeLessThan(100);
});
