import type { LngLat } from "./types.ts";

/** The first tolerance is this fraction of an area's span; it doubles until the area is small enough. */
const FIRST_TOLERANCE = 1e-6;
const MAX_DOUBLINGS = 24;

/** Rings without positions that are nearly the same, until at most `limit` are left. Holes that vanish are left out. */
export function simplifyRings(rings: readonly (readonly LngLat[])[], limit: number): readonly (readonly LngLat[])[] {
  let tolerance = spanOf(rings[0] ?? []) * FIRST_TOLERANCE;
  let simpler = rings;
  for (let round = 0; round < MAX_DOUBLINGS && countOf(simpler) > limit; round += 1) {
    simpler = rings
      .map((ring, index) => {
        const thin = thinned(ring, tolerance);
        // An outer ring never vanishes.
        return index === 0 && thin.length < 4 ? triangleOf(ring) : thin;
      })
      .filter((ring) => ring.length >= 4);
    tolerance *= 2;
  }
  return simpler;
}

function countOf(rings: readonly (readonly LngLat[])[]): number {
  return rings.reduce((sum, ring) => sum + ring.length, 0);
}

function spanOf(ring: readonly LngLat[]): number {
  const [first] = ring;
  return first === undefined ? 0 : Math.max(...[0, 1, 2, 3].map((n) => apart(first, ring[(ring.length * n) >> 2])));
}

/** Degrees between two positions, the shorter way around the earth. */
function apart([lng, lat]: LngLat, other: LngLat = [lng, lat]): number {
  const east = Math.abs(other[0] - lng);
  return Math.hypot(Math.min(east, 360 - east), other[1] - lat);
}

/** A ring without the positions that are within `tolerance` of the one before. */
function thinned(ring: readonly LngLat[], tolerance: number): readonly LngLat[] {
  const kept: LngLat[] = [];
  const last = ring.length - 1;
  for (const [index, position] of ring.entries()) {
    const before = kept.at(-1);
    if (before === undefined || index === last || apart(before, position) > tolerance) kept.push(position);
  }
  return kept;
}

function triangleOf(ring: readonly LngLat[]): readonly LngLat[] {
  const third = Math.floor(ring.length / 3);
  const corners = new Set([0, third, 2 * third, ring.length - 1]);
  return ring.filter((_, index) => corners.has(index));
}
