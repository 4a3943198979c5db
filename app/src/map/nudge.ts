import type { MapSession } from "./session.ts";

const STEPS: Readonly<Record<string, readonly [right: number, down: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Moves a pin by an arrow key: 8 pixels, or 1 with Shift. Answers whether it was one. */
export function nudge(session: MapSession, id: string, event: Pick<KeyboardEvent, "key" | "shiftKey">): boolean {
  const step = STEPS[event.key];
  const geometry = session.handle.feature(id)?.geometry;
  const { camera } = session;
  if (step === undefined || geometry?.type !== "Point" || camera === undefined || !session.mayWrite) return false;
  const pixels = event.shiftKey ? 1 : 8;
  session.nudge(id, camera.offset(session.placeOf(id) ?? geometry.coordinates, step[0] * pixels, step[1] * pixels));
  return true;
}
