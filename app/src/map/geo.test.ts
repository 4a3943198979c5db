import { expect, test } from "vitest";
import {
  areaOf,
  boundsOf,
  coordinates,
  duration,
  indexOnLine,
  measure,
  metres,
  middleOnMap,
  squareMetres,
  tidy,
  withPositions,
} from "./geo.ts";
import { COLORS, ICON_PATHS, colorOf, iconOf } from "./marks.ts";
import { personOf, presenceOf } from "./people.ts";
import { dragged } from "./session.ts";

test("places are brought back onto the map, with six decimals", () => {
  expect(tidy([190.12345678, 95])).toEqual([-169.876543, 90]);
  expect(tidy([-181, -1])).toEqual([179, -1]);
});

test("lengths, sizes and times in a few words", () => {
  expect([metres(640), metres(3240), metres(1_204_300)]).toEqual(["640 m", "3.2 km", "1,204 km"]);
  expect([squareMetres(950), squareMetres(4_200_000)]).toEqual(["950 m²", "4.2 km²"]);
  expect([duration(20), duration(480), duration(7_500)]).toEqual(["1 min", "8 min", "2 h 05 min"]);
  expect(coordinates([-0.1276, 51.5072])).toBe("51.5072° N, 0.1276° W");
  expect(
    measure({
      type: "LineString",
      coordinates: [
        [0, 0],
        [1, 0],
      ],
    }),
  ).toBe("111 km");
});

test("one degree by one at the equator", () => {
  const square = areaOf([
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ]);
  expect(square / 12_363_700_000).toBeCloseTo(1, 3);
  expect(
    boundsOf([
      [
        [2, 5],
        [1, 9],
      ],
    ]),
  ).toEqual([
    [1, 5],
    [2, 9],
  ]);
});

test("half way is on the line as it is drawn, also between far north and the equator", () => {
  expect(middleOnMap([10, 0], [20, 0])).toEqual([15, 0]);
  const [lng, lat] = middleOnMap([0, 0], [40, 80]);
  expect(lng).toBe(20);
  // By degrees it would be 40.
  expect(lat).toBeCloseTo(57.05, 2);
  expect(middleOnMap([0, -90], [0, 90])[1]).toBeCloseTo(0);
});

test("a position dragged, and a new one dragged out of a line; an area stays closed", () => {
  const area = {
    type: "Polygon",
    coordinates: [
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 0],
      ],
    ],
  } as const;
  const moved = dragged(area, { index: 0, at: [5, 5] });
  expect(moved.coordinates).toEqual([
    [
      [5, 5],
      [1, 0],
      [1, 1],
      [5, 5],
    ],
  ]);
  expect(dragged(area, { index: 9, at: [5, 5] })).toBe(area);
  const line = {
    type: "LineString",
    coordinates: [
      [0, 0],
      [2, 0],
    ],
  } as const;
  expect(dragged(line, { index: 1, at: [1, 1], adds: true }).coordinates).toEqual([
    [0, 0],
    [1, 1],
    [2, 0],
  ]);
  expect(
    indexOnLine(
      [
        [0, 0],
        [2, 0],
        [2, 2],
      ],
      [2, 1],
    ),
  ).toBe(2);
  expect(withPositions(line, [])).toBe(line);
});

test("what a peer shows of itself is read with care", () => {
  const peer = (data: object) => ({ conn: "c", by: "b", data: { name: "Ana", ...data } });
  const shown = presenceOf({ name: "Ana", hue: 2 }, { cursor: [1, 2], drag: { id: "a", at: [3, 4], index: 0 } });
  expect(personOf(peer(shown))).toEqual({
    conn: "c",
    name: "Ana",
    hue: 2,
    cursor: [1, 2],
    drag: { id: "a", at: [3, 4], index: 0 },
  });
  const bad = { hue: 0, drag: { id: 1, at: [0, 0], index: 0 }, draft: ["x", [999, 0]], leads: "yes" };
  expect(personOf(peer(bad))).toEqual({ conn: "c", name: "Ana", hue: 0 });
});

/** WCAG's contrast with white. */
function contrast(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05);
}

test("white icons are readable on every colour, and there is one for every name", () => {
  expect(COLORS.filter(({ value }) => contrast(value) < 4.5)).toEqual([]);
  expect([iconOf("no-such"), iconOf(undefined), colorOf("red")]).toEqual(["pin", "pin", COLORS[0].value]);
  expect(Object.values(ICON_PATHS).every((path) => path.startsWith("M") || path.startsWith("m"))).toBe(true);
});
