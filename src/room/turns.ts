import type { Clock } from "./host/host.ts";

/** After this many frames a room looks whether others get a turn between them. */
const LOOK_AFTER_FRAMES = 32;

/** If none did, it pauses after this many more frames or milliseconds, for this long. */
const SLICE_FRAMES = 64;
const SLICE_MS = 5;
const PAUSE_MS = 1;

/** The same for frames on closed sockets, which are read for nothing. */
const CLOSED_FRAMES = 64;
const CLOSED_PAUSE_MS = 20;

/** The look is taken as lost when the room that took it has gone: milliseconds. */
const LOST_MS = 1_000;

/** All rooms of a process share its event loop, so they share the look. `since` is 0 while nobody looks. */
const look = { frames: 0, since: 0 };

function reset(): void {
  look.frames = 0;
  look.since = 0;
}

/**
 * Gives other rooms their turn while one socket floods this one. The platform hands over a socket's frames one after
 * the other for as long as more of them have arrived, and attends to no other socket meanwhile, however long that takes.
 * It stops only where the room takes no events for a moment. A timer tells whether there is need to: it fires when
 * the platform has run out of frames.
 */
export class Turns {
  readonly #clock: Clock;
  readonly #pause: ((milliseconds: number) => Promise<void>) | undefined;
  #closedFrames = 0;

  /** `pause`: takes no events for a time; undefined where each frame comes in a turn of its own anyway. */
  constructor(clock: Clock, pause: ((milliseconds: number) => Promise<void>) | undefined) {
    this.#clock = clock;
    this.#pause = pause;
  }

  /** Call with each frame. */
  frame(): void {
    if (this.#pause === undefined) return;
    look.frames += 1;
    if (look.frames < LOOK_AFTER_FRAMES) return;
    const now = this.#clock.now();
    if (look.since === 0 || now - look.since > LOST_MS) {
      look.frames = LOOK_AFTER_FRAMES;
      look.since = now;
      this.#clock.after(0, reset);
    } else if (look.frames >= LOOK_AFTER_FRAMES + SLICE_FRAMES || now - look.since >= SLICE_MS) {
      void this.#pause(PAUSE_MS).then(reset, reset);
    }
  }

  /** Call with each frame on a socket that the room has closed: its peer may have sent any number before it learns. */
  closedFrame(): void {
    this.#closedFrames += 1;
    if (this.#closedFrames % CLOSED_FRAMES === 0) void this.#pause?.(CLOSED_PAUSE_MS).then(reset, reset);
  }
}
