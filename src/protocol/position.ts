/**
 * A point in a room's history. `seq` counts ops from 1 (0 is "before the first"); `epoch` names the
 * history and changes whenever what is behind it is replaced.
 */
export interface Position {
  readonly epoch: string;
  readonly seq: number;
}

const VERSION = /^([a-z0-9]{1,32})\.(0|[1-9][0-9]{0,15})$/;

/** A position as one token, `<epoch>.<seq>`: ETags, SSE event ids, expected versions. */
export function formatVersion(position: Position): string {
  return `${position.epoch}.${position.seq}`;
}

/** The position that a token names, or undefined when it names none. */
export function parseVersion(token: string): Position | undefined {
  const match = VERSION.exec(token);
  if (match === null) return undefined;
  const [, epoch, digits] = match;
  const seq = Number(digits);
  return epoch !== undefined && Number.isSafeInteger(seq) ? { epoch, seq } : undefined;
}

/** The position of a room that has stored nothing yet. Every history starts from it. */
export const UNBORN: Position = { epoch: "0", seq: 0 };
