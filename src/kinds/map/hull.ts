import { cross, dot, minus, normal, type Vector } from "./geo.ts";

/** Places nearer to each other than this, of the earth's radius, are one: six metres. */
const SAME = 1e-6;
/** So far out of the plane of three others a place may be and still count as in it. */
const FLAT = 1e-12;

/** A triangle of the hull, its corners counter-clockwise as seen from outside. */
interface Face {
  readonly corners: readonly [Vector, Vector, Vector];
  readonly outward: Vector;
}

/**
 * The directions across the faces of the convex hull of places, both ways. The greatest distance to any of them has its
 * least values where three of them are as far: on a line through the centre of the earth across such a face. Places on
 * one circle have one face; of two opposite ones, each direction across will do.
 */
export function facesOf(points: readonly Vector[]): readonly Vector[] {
  const places = distinct(points);
  const [first, second] = places;
  if (first === undefined || second === undefined) return [];
  if (places.length === 2) return both(across(first, second));
  const start = startOf(places);
  if (start === undefined) return both(normal(circleOf(places)));
  let faces = start;
  for (const place of places) faces = grown(faces, place);
  return faces.flatMap(({ outward }) => both(outward));
}

function both(direction: Vector | undefined): readonly Vector[] {
  return direction === undefined ? [] : [direction, opposite(direction)];
}

function opposite([x, y, z]: Vector): Vector {
  return [-x, -y, -z];
}

function distinct(points: readonly Vector[]): readonly Vector[] {
  const seen = new Map(points.map((point) => [point.map((part) => Math.round(part / SAME)).join(), point]));
  return [...seen.values()];
}

/** Square to the line between two places, of which there are no more. */
function across(a: Vector, b: Vector): Vector | undefined {
  const between = minus(b, a);
  return normal(cross(between, [0, 0, 1])) ?? normal(cross(between, [1, 0, 0]));
}

/** What is square to the plane of three of the places, far from each other. */
function circleOf(places: readonly Vector[]): Vector {
  const [a, b, c] = wide(places);
  return cross(minus(b, a), minus(c, a));
}

function wide(places: readonly Vector[]): readonly [Vector, Vector, Vector] {
  const a = places[0] ?? [1, 0, 0];
  const b = most(places, (place) => Math.hypot(...minus(place, a)));
  const c = most(places, (place) => Math.hypot(...cross(minus(b, a), minus(place, a))));
  return [a, b, c];
}

function most(places: readonly Vector[], value: (place: Vector) => number): Vector {
  return places.reduce((best, place) => (value(place) > value(best) ? place : best));
}

/** Four of the places as a solid; undefined where all are in one plane. */
function startOf(places: readonly Vector[]): readonly Face[] | undefined {
  const [a, b, c] = wide(places);
  const up = cross(minus(b, a), minus(c, a));
  const height = (place: Vector): number => dot(up, minus(place, a));
  const d = most(places, (place) => Math.abs(height(place)));
  if (Math.abs(height(d)) < FLAT) return undefined;
  const [p, q] = height(d) > 0 ? [c, b] : [b, c];
  return [faceOf(a, p, q), faceOf(a, d, p), faceOf(p, d, q), faceOf(q, d, a)].filter((face) => face !== undefined);
}

function faceOf(a: Vector, b: Vector, c: Vector): Face | undefined {
  const outward = normal(cross(minus(b, a), minus(c, a)));
  return outward && { corners: [a, b, c], outward };
}

/** The hull with one more place: the faces that it is in front of give way to those from their rim to it. */
function grown(faces: readonly Face[], place: Vector): readonly Face[] {
  const hidden = faces.filter(({ corners, outward }) => dot(outward, minus(place, corners[0])) > FLAT);
  if (hidden.length === 0) return faces;
  const edges = hidden.flatMap(({ corners: [a, b, c] }) => [[a, b] as const, [b, c] as const, [c, a] as const]);
  // An edge between two of them is there both ways; corners are always the same objects.
  const rim = edges.filter(([a, b]) => !edges.some(([from, to]) => from === b && to === a));
  const kept = faces.filter((face) => !hidden.includes(face));
  return [...kept, ...rim.map(([a, b]) => faceOf(a, b, place)).filter((face) => face !== undefined)];
}
