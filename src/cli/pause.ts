/**
 * A Worker that answers after as many milliseconds as its path says. Rooms wait for it while they give others their turn:
 * all rooms of a workerd share one event loop, and the timer has to be another object's than the room's own.
 *
 * Plain JavaScript in a string, because workerd loads it by itself.
 */
export const PAUSE_WORKER = `
export default {
  async fetch(request) {
    await scheduler.wait(Math.min(1000, Number(new URL(request.url).pathname.slice(1)) || 0));
    return new Response(null, { status: 204 });
  },
};
`;

/** The name by which rooms find it. */
export const PAUSE_BINDING = "ROOMCAST_PAUSE";
