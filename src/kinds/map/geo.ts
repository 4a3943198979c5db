import type { LngLat } from "./types.ts";

/** Mean radius of the earth in metres. */
const RADIUS = 6_371_008.8;
const RADIANS = Math.PI / 180;

/** A direction from the centre of the earth, of length 1. */
export type Vector = readonly [x: number, y: number, z: number];

export function toVector([lng, lat]: LngLat): Vector {
  const across = Math.cos(lat * RADIANS);
  return [across * Math.cos(lng * RADIANS), across * Math.sin(lng * RADIANS), Math.sin(lat * RADIANS)];
}

/** Rounded to seven decimals: a centimetre. */
export function toLngLat([x, y, z]: Vector): LngLat {
  return [round(Math.atan2(y, x) / RADIANS), round(Math.atan2(z, Math.hypot(x, y)) / RADIANS)];
}

export function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

export function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

export function minus(a: Vector, b: Vector): Vector {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

export function plus(a: Vector, b: Vector): Vector {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

/** With length 1; undefined for what has no direction. */
export function normal([x, y, z]: Vector): Vector | undefined {
  const length = Math.hypot(x, y, z);
  return length < 1e-12 ? undefined : [x / length, y / length, z / length];
}

/** The angle between two directions, radians. Exact for small angles too, where the arc cosine is not. */
export function angle(a: Vector, b: Vector): number {
  return Math.atan2(Math.hypot(...cross(a, b)), dot(a, b));
}

/** Metres between two places along the great circle, on a sphere: within 0.6 % of the ellipsoid. */
export function distance(a: LngLat, b: LngLat): number {
  return angle(toVector(a), toVector(b)) * RADIUS;
}

/** Metres along a line. */
export function lengthOf(line: readonly LngLat[]): number {
  let metres = 0;
  for (let at = 1; at < line.length; at += 1) {
    const [from, to] = [line[at - 1], line[at]];
    if (from !== undefined && to !== undefined) metres += distance(from, to);
  }
  return metres;
}

/** Degrees of arc between two positions of a great circle's line, at most. */
const STEP = 1;

/**
 * The great circle between two places as positions of a line. Longitudes go on past 180 where it crosses the
 * antimeridian, so that a map draws one line and not one around the world.
 */
export function greatCircle(from: LngLat, to: LngLat): readonly LngLat[] {
  const [a, b] = [toVector(from), toVector(to)];
  const whole = angle(a, b);
  const steps = Math.max(1, Math.ceil(whole / RADIANS / STEP));
  const line: LngLat[] = [from];
  for (let step = 1; step < steps; step += 1) {
    const part = (whole * step) / steps;
    const [p, q] = [Math.sin(whole - part), Math.sin(part)];
    // Between opposite places every way is as long; this one is none, and they get a straight line.
    const between = normal([p * a[0] + q * b[0], p * a[1] + q * b[1], p * a[2] + q * b[2]]);
    if (between !== undefined) line.push(toLngLat(between));
  }
  line.push(to);
  return unwrap(line);
}

function unwrap(line: readonly LngLat[]): readonly LngLat[] {
  let shift = 0;
  return line.map(([lng, lat], at): LngLat => {
    const before = line[at - 1];
    if (before !== undefined && Math.abs(lng - before[0]) > 180) shift += lng > before[0] ? -360 : 360;
    return [round(lng + shift), lat];
  });
}

function round(degrees: number): number {
  return Math.round(degrees * 1e7) / 1e7;
}
