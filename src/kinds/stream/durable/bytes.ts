import { isJson } from "./state.ts";
import type { DataOp } from "./types.ts";

/** Base64 as JavaScript itself has it, where the engine is new enough: about a hundred times as fast as by hand. */
const Native: typeof Uint8Array & { readonly fromBase64?: (text: string) => Uint8Array<ArrayBuffer> } = Uint8Array;

/** UTF-8, in a buffer of its own. */
const encode = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text) as Uint8Array<ArrayBuffer>;
const encoder = new TextEncoder();

export function encodeBase64(bytes: Uint8Array & { readonly toBase64?: () => string }): string {
  if (bytes.toBase64 !== undefined) return bytes.toBase64();
  let binary = "";
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}

export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  if (Native.fromBase64 !== undefined) return Native.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/** The bytes of one op. */
export function bytesOf(op: DataOp): Uint8Array<ArrayBuffer> {
  return op.type === "chunk" && "base64" in op ? decodeBase64(op.base64) : encode(textOf(op));
}

/** One op as text, where it is UTF-8. */
export function textOf(op: DataOp): string {
  if (op.type === "event") return op.event.data;
  return "text" in op ? op.text : new TextDecoder().decode(decodeBase64(op.base64));
}

/** Whether data, which is UTF-8 as far as it goes, ends in the midst of a character. */
export function endsWithinCharacter(data: readonly DataOp[]): boolean {
  let tail: readonly number[] = [];
  for (const op of data.toReversed()) {
    // What is text ends with a whole one.
    if (!("base64" in op) || tail.length >= 3) break;
    tail = [...bytesOf(op).subarray(-3), ...tail].slice(-3);
  }
  const lead = tail.findLastIndex((byte) => (byte & 0xc0) !== 0x80);
  if (lead === -1) return false;
  try {
    return (
      new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(new Uint8Array(tail.slice(lead)), {
        stream: true,
      }) === ""
    );
  } catch {
    return false;
  }
}

/** Data as a JSON list. */
export function listOf(data: readonly DataOp[]): string {
  return `[${data.map((op) => (op.type === "event" ? op.event.data : "null")).join(",")}]`;
}

/** Data as the body of an answer: a JSON list, or bytes one after the other. */
export function bodyOf(stream: { readonly contentType: string }, data: readonly DataOp[]): Uint8Array<ArrayBuffer> {
  if (isJson(stream)) return encode(listOf(data));
  // Text is joined first, so that it is encoded in one go.
  if (data.every((op) => !("base64" in op))) return encode(data.map(textOf).join(""));
  const parts = data.map(bytesOf);
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
