import { env } from "cloudflare:workers";

/**
 * How far the rooms' clock is ahead of the machine's, in milliseconds. What a room keeps for a day or a month must still
 * be there when its fixture is opened years later, so the fixture's rooms see the time at which it was recorded.
 */
const OFFSET_MS = Number((env as { readonly CLOCK_OFFSET_MS?: string }).CLOCK_OFFSET_MS ?? 0);

const MachineDate = Date;

globalThis.Date = new Proxy(MachineDate, {
  construct(target, args: readonly unknown[]) {
    return Reflect.construct(target, args.length === 0 ? [target.now() + OFFSET_MS] : args) as Date;
  },
  get(target, key) {
    return key === "now" ? () => target.now() + OFFSET_MS : (Reflect.get(target, key) as unknown);
  },
});

/** The platform's alarms go by the machine's clock. */
export function withClock(ctx: DurableObjectState): DurableObjectState {
  const { storage } = ctx;
  const setAlarm = storage.setAlarm.bind(storage);
  const getAlarm = storage.getAlarm.bind(storage);
  storage.setAlarm = (at, options) => setAlarm(Number(at) - OFFSET_MS, options);
  storage.getAlarm = async (options) => {
    const at = await getAlarm(options);
    return at === null ? null : at + OFFSET_MS;
  };
  return ctx;
}
