import type { LngLat } from "roomcast";
import { expect, test } from "vitest";
import { areaOf, boundsOf, lengthOf, near, squareMetres, unwrap, unwrapped } from "./geo.ts";

const FIJI: LngLat = [178.4, -18.1];
const TAVEUNI: LngLat = [-179.9, -16.8];

test("M22 a line across longitude 180 is drawn and measured the shorter way, and what is stored stays on the earth", () => {
  const stored = [FIJI, TAVEUNI, [179, -17]] as const;
  expect(unwrap(stored)).toEqual([FIJI, [180.1, -16.8], [179, -17]]);
  expect(unwrapped({ type: "LineString", coordinates: stored }).coordinates).toEqual(unwrap(stored));
  expect(lengthOf(unwrap(stored))).toBeCloseTo(lengthOf(stored), 3);
  expect(lengthOf(stored)).toBeLessThan(500_000);
  // Twice around goes on and on.
  const twice: LngLat[] = [0, 120, -120, 0, 120, -120, 0].map((lng) => [lng, 1]);
  expect(unwrap(twice).map(([lng]) => lng)).toEqual([0, 120, 240, 360, 480, 600, 720]);
  expect([near([180, 0], 0), near([-180, 0], 0), near([-180, 1], 179)]).toEqual([
    [180, 0],
    [-180, 0],
    [180, 1],
  ]);
});

test("M22 an area across it is as large as anywhere else; its holes stay inside; one around a pole is the cap", () => {
  const triangle = (west: number): LngLat[] =>
    [
      [west, -1],
      [west + 1, -1],
      [west + 1, 0],
    ].map(([lng = 0, lat = 0]) => [lng > 180 ? lng - 360 : lng, lat]);
  expect(areaOf(triangle(179.5)) / areaOf(triangle(0))).toBeCloseTo(1, 9);
  expect(squareMetres(areaOf(triangle(179.5)))).toBe("6,182 km²");
  const hole: LngLat[] = [
    [-179.9, -0.6],
    [-179.8, -0.6],
    [-179.8, -0.5],
    [-179.9, -0.6],
  ];
  const ring = triangle(179.5);
  const drawn = unwrapped({ type: "Polygon", coordinates: [[...ring, ring[0] as LngLat], hole] });
  expect((drawn.coordinates as LngLat[][]).flat().every(([lng]) => lng > 179 && lng < 181)).toBe(true);
  const cap: LngLat[] = Array.from({ length: 36 }, (_, n) => [n * 10 - 180, 80]);
  expect(areaOf(cap) / (2 * Math.PI * 6_371_008.8 ** 2 * (1 - Math.sin((80 * Math.PI) / 180)))).toBeCloseTo(1, 1);
});

test("M22 what is brought into view is the smaller part of the earth", () => {
  expect(boundsOf([[FIJI], [TAVEUNI]])).toEqual([
    [178.4, -18.1],
    [180.1, -16.8],
  ]);
  expect(boundsOf([[FIJI, TAVEUNI]])).toEqual(boundsOf([[TAVEUNI, FIJI]]));
  // A line that goes the other way around is all in it.
  const long: LngLat[] = [-170, -60, 50, 160].map((lng) => [lng, 0]);
  expect(boundsOf([long])).toEqual([
    [-170, 0],
    [160, 0],
  ]);
  expect(boundsOf([[[0, 0]], [[180, 1]]])).toEqual([
    [0, 0],
    [180, 1],
  ]);
  expect(boundsOf([[[200, 0]], [[-150, 1]]])).toEqual([
    [-160, 0],
    [-150, 1],
  ]);
  expect(boundsOf([unwrap([0, 120, -120, 0].map((lng) => [lng, 1] as const))])?.map(([lng]) => lng)).toEqual([
    -180, 180,
  ]);
  expect(boundsOf([[], []])).toBeUndefined();
});
