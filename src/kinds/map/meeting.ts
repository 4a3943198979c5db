import { angle, cross, dot, greatCircle, minus, normal, plus, toLngLat, toVector, type Vector } from "./geo.ts";
import type { LngLat } from "./types.ts";

/** Radians that a place may be outside a cap and still count as inside: a millimetre, and more than rounding costs. */
const SLACK = 1e-10;

/** The directions at most `radius` (radians) from an axis. */
interface Cap {
  readonly axis: Vector;
  readonly radius: number;
}

/**
 * The fair point of these places: the one whose greatest distance to any of them, on the sphere, is least. Nobody
 * has to go further than whoever has it furthest must. Where the places are spread over more than half of the
 * earth, it is the best of a choice: each of them, and the middles between any two.
 *
 * @returns Undefined for no places.
 */
export function meetingPoint(places: readonly LngLat[]): LngLat | undefined {
  const points = places.map(toVector);
  const cap = smallestCap(points) ?? bestOf(points);
  return cap && toLngLat(cap.axis);
}

/** The way from a place to the meeting point, as the crow flies. */
export function wayTo(place: LngLat, meeting: LngLat): readonly LngLat[] {
  return greatCircle(place, meeting);
}

/**
 * Two or three of the places lie on the rim of the smallest cap and determine it. A place that is outside the
 * smallest cap of those before it is on the rim of the smallest one with it (Welzl).
 */
function smallestCap(points: readonly Vector[]): Cap | undefined {
  let cap: Cap | undefined;
  for (const [i, p] of points.entries()) {
    if (cap !== undefined && isInside(cap, p)) continue;
    cap = { axis: p, radius: 0 };
    for (const [j, q] of points.slice(0, i).entries()) {
      if (isInside(cap, q)) continue;
      cap = capOfTwo(p, q);
      if (cap === undefined) return undefined;
      for (const r of points.slice(0, j)) {
        if (isInside(cap, r)) continue;
        cap = capOfThree(p, q, r);
        if (cap === undefined) return undefined;
      }
    }
  }
  // A cap of half of the earth or more is not found this way.
  return cap !== undefined && points.every((point) => isInside(cap, point)) ? cap : undefined;
}

function isInside({ axis, radius }: Cap, point: Vector): boolean {
  return angle(axis, point) <= radius + SLACK;
}

function capOfTwo(p: Vector, q: Vector): Cap | undefined {
  const axis = normal(plus(p, q));
  return axis && { axis, radius: Math.max(angle(axis, p), angle(axis, q)) };
}

function capOfThree(p: Vector, q: Vector, r: Vector): Cap | undefined {
  const across = normal(cross(minus(q, p), minus(r, p)));
  if (across === undefined) return undefined;
  const axis: Vector = dot(across, p) < 0 ? [-across[0], -across[1], -across[2]] : across;
  return { axis, radius: Math.max(angle(axis, p), angle(axis, q), angle(axis, r)) };
}

function bestOf(points: readonly Vector[]): Cap | undefined {
  // All pairs of many people on all sides of the earth are more than the answer is worth.
  const few = points.slice(0, 30);
  const middles = few.flatMap((p, i) =>
    few
      .slice(0, i)
      .map((q) => normal(plus(p, q)))
      .filter((middle) => middle !== undefined),
  );
  let best: Cap | undefined;
  for (const axis of [...points, ...middles]) {
    const radius = points.reduce((most, point) => Math.max(most, angle(axis, point)), 0);
    if (best === undefined || radius < best.radius) best = { axis, radius };
  }
  return best;
}
