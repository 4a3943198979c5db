const BASE = 250;
const CAP = 15_000;

/**
 * Milliseconds to wait before the `attempt`th try in a row, from 1: anything up to 250, 500, 1,000 ... 15,000.
 * Full jitter, so that the clients of a room that restarts do not come back all at once.
 */
export function backoff(attempt: number): number {
  return Math.random() * Math.min(CAP, BASE * 2 ** (attempt - 1));
}
