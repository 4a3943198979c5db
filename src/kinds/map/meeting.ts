import { angle, cross, dot, greatCircle, minus, normal, plus, toLngLat, toVector, type Vector } from "./geo.ts";
import { facesOf } from "./hull.ts";
import type { LngLat } from "./types.ts";

/** Radians that a place may be outside a cap and still count as inside: a millimetre, and more than rounding costs. */
const SLACK = 1e-10;

/** The hull of so many places is worked out; its cost grows with their square. */
const MOST_IN_HULL = 500;

/** The directions at most `radius` (radians) from an axis. */
interface Cap {
  readonly axis: Vector;
  readonly radius: number;
}

/**
 * The fair point of these places: the one whose greatest distance to any of them, on the sphere, is least. Nobody
 * has to go further than whoever has it furthest must. Of more than 500 places that are spread over more than half of
 * the earth it is the best for 500 of them.
 *
 * @returns Undefined for no places.
 */
export function meetingPoint(places: readonly LngLat[]): LngLat | undefined {
  const points = mixed(places.map(toVector));
  const axis = smallestCap(points)?.axis ?? bestOf(points);
  return axis && toLngLat(axis);
}

/** The way from a place to the meeting point, as the crow flies. */
export function wayTo(place: LngLat, meeting: LngLat): readonly LngLat[] {
  return greatCircle(place, meeting);
}

/** In another order, always the same: in one that rises, each place would be outside of the cap before it. */
function mixed(points: readonly Vector[]): readonly Vector[] {
  const after = [...points];
  let random = 1;
  for (let last = after.length - 1; last > 0; last -= 1) {
    random = (random * 48_271) % 2_147_483_647;
    const other = random % (last + 1);
    const [a, b] = [after[last], after[other]];
    if (a !== undefined && b !== undefined) [after[last], after[other]] = [b, a];
  }
  return after;
}

/**
 * Two or three of the places lie on the rim of the smallest cap and determine it. A place that is outside the
 * smallest cap of those before it is on the rim of the smallest one with it (Welzl). Undefined where no half of the
 * earth has all of them, which shows when one that was inside is no longer.
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
      if (!holds(cap, points.slice(0, j))) return undefined;
    }
    if (!holds(cap, points.slice(0, i))) return undefined;
  }
  return cap;
}

function holds(cap: Cap, points: readonly Vector[]): boolean {
  return points.every((point) => isInside(cap, point));
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

/** The best of the middles of all who could be furthest from it at once: those on a face of the hull, on either side. */
function bestOf(points: readonly Vector[]): Vector | undefined {
  let best: Vector | undefined;
  // The cosine of the distance to whoever is furthest: the nearer, the greater.
  let most = Number.NEGATIVE_INFINITY;
  for (const axis of [...points, ...facesOf(points.slice(0, MOST_IN_HULL))]) {
    let least = 1;
    for (const point of points) {
      least = Math.min(least, dot(axis, point));
      if (least <= most) break;
    }
    if (least > most) [best, most] = [axis, least];
  }
  return best;
}
