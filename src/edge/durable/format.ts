import { isJson, mediaType } from "../../kinds/stream/durable/state.ts";
import type { DataOp } from "../../kinds/stream/durable/types.ts";
import type { DurableInfo } from "../../room/durable-api.ts";
import { formatOffset } from "./offset.ts";

const encoder = new TextEncoder();

/** What the protocol asks of every answer, for browsers' sake. */
export const SAFE = { "x-content-type-options": "nosniff", "cross-origin-resource-policy": "cross-origin" };

/** A stream's content type and next offset, and that it is closed. */
export function streamHeaders(info: DurableInfo, next: number, closed: boolean): Record<string, string> {
  return {
    ...SAFE,
    "content-type": info.contentType,
    "stream-next-offset": formatOffset({ epoch: info.epoch, seq: next }),
    ...(closed ? { "stream-closed": "true" } : {}),
  };
}

/** An answer in plain words. */
export function plain(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(text === "" ? null : text, {
    status,
    headers: { ...SAFE, "content-type": "text/plain; charset=utf-8", "cache-control": "no-store", ...headers },
  });
}

/** The answer for a stream that is not there. */
export function absent(is: "missing" | "gone"): Response {
  return is === "gone" ? plain(410, "The stream is gone.") : plain(404, "There is no such stream.");
}

/** Messages as the body of an answer: a JSON list, or bytes one after the other. */
export function bodyOf(info: DurableInfo, messages: readonly { readonly data: readonly DataOp[] }[]): Uint8Array {
  const ops = messages.flatMap(({ data }) => data);
  if (isJson(info)) return encoder.encode(listOf(ops));
  const parts = ops.map(bytesOf);
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** How one message goes out as a server-sent event. */
export function eventData(info: DurableInfo, data: readonly DataOp[]): string {
  if (isJson(info)) return listOf(data);
  if (isText(info)) return data.map(textOf).join("");
  return data.map((op) => ("base64" in op ? op.base64 : encodeBase64(bytesOf(op)))).join("");
}

/** Whether events carry the stream's data as it is; else in base64. */
export function isText(info: { readonly contentType: string }): boolean {
  return mediaType(info.contentType).startsWith("text/") || isJson(info);
}

function listOf(ops: readonly DataOp[]): string {
  return `[${ops.map((op) => (op.type === "event" ? op.event.data : "null")).join(",")}]`;
}

function textOf(op: DataOp): string {
  if (op.type === "event") return op.event.data;
  return "text" in op ? op.text : new TextDecoder().decode(bytesOf(op));
}

function bytesOf(op: DataOp): Uint8Array {
  if (op.type === "event") return encoder.encode(op.event.data);
  if ("text" in op) return encoder.encode(op.text);
  return Uint8Array.from(atob(op.base64), (character) => character.charCodeAt(0));
}

function encodeBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
