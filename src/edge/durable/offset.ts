/** A position in one history of a stream. */
export interface Offset {
  readonly epoch: string;
  readonly seq: number;
}

const WIDTH = 16;
const SHAPE = /^([a-z0-9]{1,32})_(\d{16})$/;
/** Before everything, in whatever history. */
const ZERO = `${"0".repeat(WIDTH)}_${"0".repeat(WIDTH)}`;

/** An offset of the Durable Streams protocol: the epoch, and the number of the op before it. Sorts as text within an epoch. */
export function formatOffset({ epoch, seq }: Offset): string {
  return `${epoch}_${String(seq).padStart(WIDTH, "0")}`;
}

/** `start` for the beginning, `now` for the end; undefined for what is no offset. */
export function parseOffset(text: string): Offset | "start" | "now" | undefined {
  if (text === "now") return "now";
  if (text === "-1" || text === ZERO) return "start";
  const [, epoch, digits] = SHAPE.exec(text) ?? [];
  return epoch === undefined || digits === undefined ? undefined : { epoch, seq: Number(digits) };
}
