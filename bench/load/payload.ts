/**
 * The message that every contestant carries: 105 ASCII bytes that name their publisher and number and
 * end in a checksum of all that is before it. Nothing in it needs escaping inside a JSON string, and
 * its first byte, `~`, occurs in no contestant's envelope, so that a receiver finds it without parsing.
 *
 *     ~PP.SSSSSSSSS.<83 letters>CCCCCCCC
 */
export const PAYLOAD_BYTES = 105;

export const PAYLOAD_START = 0x7e;

const CHECKED_BYTES = PAYLOAD_BYTES - 8;
const FILLER_BYTES = CHECKED_BYTES - 14;
const LETTERS = "abcdefghijklmnopqrstuvwxyz012345";
const DOT = 0x2e;
const ZERO = 0x30;

export const MAX_PUBLISHERS = 100;

/** Makes message `seq` (from 1) of publisher `publisher` (0 to 99). The same arguments give the same text. */
export function makePayload(publisher: number, seq: number): string {
  let text = `~${String(publisher).padStart(2, "0")}.${String(seq).padStart(9, "0")}.`;
  let random = Math.imul(seq, 0x9e3779b1) ^ Math.imul(publisher + 1, 0x85ebca6b);
  for (let i = 0; i < FILLER_BYTES; i += 1) {
    random = Math.imul(random, 1664525) + 1013904223;
    text += LETTERS[random >>> 27];
  }
  let sum = 0x811c9dc5;
  for (let i = 0; i < CHECKED_BYTES; i += 1) sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193);
  return text + (sum >>> 0).toString(16).padStart(8, "0");
}

/** What a payload says of itself. */
export interface PayloadId {
  publisher: number;
  seq: number;
}

/** Reads the payload at `at` into `into`; false when it is not one, or its checksum is wrong. */
export function readPayload(bytes: Uint8Array, at: number, end: number, into: PayloadId): boolean {
  if (at + PAYLOAD_BYTES > end) return false;
  if (bytes[at] !== PAYLOAD_START || bytes[at + 3] !== DOT || bytes[at + 13] !== DOT) return false;
  let sum = 0x811c9dc5;
  for (let i = at; i < at + CHECKED_BYTES; i += 1) sum = Math.imul(sum ^ (bytes[i] ?? 0), 0x01000193);
  if (readHex(bytes, at + CHECKED_BYTES) !== sum >>> 0) return false;
  into.publisher = readDecimal(bytes, at + 1, 2);
  into.seq = readDecimal(bytes, at + 4, 9);
  return true;
}

function readDecimal(bytes: Uint8Array, at: number, digits: number): number {
  let value = 0;
  for (let i = at; i < at + digits; i += 1) value = value * 10 + (bytes[i] ?? 0) - ZERO;
  return value;
}

function readHex(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = at; i < at + 8; i += 1) {
    const byte = bytes[i] ?? 0;
    value = value * 16 + (byte <= 0x39 ? byte - ZERO : byte - 0x57);
  }
  return value;
}
