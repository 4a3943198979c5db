/** Cursors count intervals of so many milliseconds from this moment, as the Durable Streams protocol has it. */
const INTERVAL = 20_000;
const EPOCH = Date.UTC(2024, 9, 9);
/** A reader that is ahead of the clock is sent on by up to an hour, so that no cache answers it with the same again. */
const MOST_AHEAD = 3_600_000 / INTERVAL;

/** What a live answer is sent with: the interval of now, but always more than what the reader came with. */
export function cursorAfter(given: string | null, now: number): string {
  const current = Math.floor((now - EPOCH) / INTERVAL);
  const known = given !== null && /^\d{1,15}$/.test(given) ? Number(given) : -1;
  return String(known < current ? current : known + 1 + Math.floor(Math.random() * MOST_AHEAD));
}
