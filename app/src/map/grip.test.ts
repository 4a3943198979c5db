import type { Geometry, LngLat } from "roomcast";
import { expect, test } from "vitest";
import { gripOf, indexNow } from "./grip.ts";

const route = (...coordinates: LngLat[]): { geometry: Geometry } => ({ geometry: { type: "LineString", coordinates } });
const area = (...ring: LngLat[]): { geometry: Geometry } => ({
  geometry: { type: "Polygon", coordinates: [[...ring, ring[0] as LngLat]] },
});
const [A, B, C, D, X]: [LngLat, LngLat, LngLat, LngLat, LngLat] = [
  [0, 0],
  [1, 1],
  [2, 0],
  [3, 3],
  [9, 9],
];

test("M21 a corner that is held is the same one when others add corners before it or take some out", () => {
  const held = gripOf(route(A, B, C), 1, false);
  expect(indexNow(route(A, B, C), held)).toBe(1);
  expect(indexNow(route(X, A, D, B, C), held)).toBe(3);
  expect(indexNow(route(B, C), held)).toBe(0);
  // Moved by another, with the others where they were: the same corner.
  expect(indexNow(route(A, X, C), held)).toBe(1);
  expect(indexNow(route(A, C), held)).toBeUndefined();
  expect(indexNow(route(A, X, C, D), held)).toBeUndefined();
});

test("M21 of corners at one place it is the nearest by number", () => {
  expect(indexNow(route(A, B, A, B, A), gripOf(route(A, B, A, B), 3, false))).toBe(3);
});

test("M21 a new corner goes between the two that it was drawn from", () => {
  const between = gripOf(route(A, B, C), 2, true);
  expect(indexNow(route(A, B, C), between)).toBe(2);
  expect(indexNow(route(X, A, B, C), between)).toBe(3);
  // Somebody has put one right there, or taken away the one after.
  expect(indexNow(route(A, B, X, C), between)).toBe(2);
  expect(indexNow(route(A, B), between)).toBe(2);
  expect(indexNow(route(A, C), between)).toBeUndefined();
});

test("M21 also between the last and the first corner of an area", () => {
  const last = gripOf(area(A, B, C), 3, true);
  expect([last.before, last.after]).toEqual([C, A]);
  expect(indexNow(area(A, X, B, C), last)).toBe(4);
  expect(indexNow(area(B, C), last)).toBe(2);
  expect(indexNow(area(A, X, B, C), gripOf(area(A, B, C), 0, false))).toBe(0);
});
