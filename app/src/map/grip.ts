import { type Line, positionsOf } from "./geo.ts";
import type { Feature, LngLat } from "roomcast";

/** What is held of a line: a corner, or the place between two where a new one goes. Others may add corners meanwhile. */
export interface Grip {
  /** The index that the corner had, or that the new one would have got. */
  readonly index: number;
  readonly adds: boolean;
  /** The corner itself, for a new one nothing. */
  readonly at: LngLat | undefined;
  /** The corners beside it. */
  readonly before: LngLat | undefined;
  readonly after: LngLat | undefined;
  readonly corners: number;
}

type Shape = Pick<Feature, "geometry">;

export function gripOf({ geometry }: Shape, index: number, adds: boolean): Grip {
  const line = positionsOf(geometry);
  const around = neighbour(line, geometry.type === "Polygon");
  return {
    index,
    adds,
    at: adds ? undefined : line[index],
    before: around(index - 1),
    after: around(adds ? index : index + 1),
    corners: line.length,
  };
}

/** The index of what is held, as the line is now; undefined when it is there no more. */
export function indexNow(shape: Shape, grip: Grip): number | undefined {
  const line = positionsOf(shape.geometry);
  const at = (index: number): Grip => gripOf(shape, index, grip.adds);
  const fits = (index: number): boolean => {
    const now = at(index);
    if (!grip.adds) return same(now.at, grip.at);
    return same(now.before, grip.before) && same(now.after, grip.after);
  };
  const found = nearest(indexes(line, grip.adds).filter(fits), grip.index);
  if (found !== undefined) return found;
  if (grip.adds) {
    // Somebody has put a corner right there: ours goes before theirs.
    const after = nearest(
      indexes(line, true).filter((index) => same(at(index).before, grip.before)),
      grip.index,
    );
    return grip.before === undefined ? undefined : after;
  }
  // Somebody has moved it: it is still the same one where all others are.
  const moved = at(grip.index);
  const stands = line.length === grip.corners && same(moved.before, grip.before) && same(moved.after, grip.after);
  return stands ? grip.index : undefined;
}

function indexes(line: Line, adds: boolean): readonly number[] {
  return Array.from({ length: line.length + (adds ? 1 : 0) }, (_, index) => index);
}

function nearest(found: readonly number[], index: number): number | undefined {
  return found.toSorted((a, b) => Math.abs(a - index) - Math.abs(b - index))[0];
}

function neighbour(line: Line, ring: boolean): (index: number) => LngLat | undefined {
  return (index) => (ring ? line[(index + line.length) % line.length] : line[index]);
}

function same(a: LngLat | undefined, b: LngLat | undefined): boolean {
  return a?.[0] === b?.[0] && a?.[1] === b?.[1];
}
