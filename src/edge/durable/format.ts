import { isJson, mediaType } from "../../kinds/stream/durable/state.ts";
import type { DataOp } from "../../kinds/stream/durable/types.ts";
import type { DurableInfo } from "../../room/durable/api.ts";
import { bodyOf, bytesOf, encodeBase64, listOf } from "../../kinds/stream/durable/bytes.ts";
import { formatOffset } from "./offset.ts";

/**
 * What the protocol asks of every answer, for browsers' sake; and that none is a page of the Worker's origin, whatever
 * its writer says that it is.
 */
export const SAFE = {
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "cross-origin",
  "content-security-policy": "default-src 'none'; sandbox",
};

/** All that a browser shows and does not run. Nothing may follow, as of several types it takes the last. */
const SHOWN =
  /^(?:text\/(?:plain|csv)|application\/(?:json|x-ndjson|octet-stream)|image\/(?:png|jpeg|gif|webp|avif)|(?:audio|video)\/[\w.-]+)(?:\s*;\s*charset=[\w-]+)?$/i;

/** A stream's data: its content type, and to be kept rather than opened where it may be more than text and pictures. */
export function dataHeaders(info: DurableInfo, next: number, closed: boolean): Record<string, string> {
  const { contentType } = info;
  return {
    ...streamHeaders(info, next, closed),
    "content-type": contentType,
    ...(SHOWN.test(contentType) ? {} : { "content-disposition": "attachment" }),
  };
}

/** Where a stream goes on, and that it is closed. */
export function streamHeaders(info: DurableInfo, next: number, closed: boolean): Record<string, string> {
  return {
    ...SAFE,
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

/** How one message goes out as a server-sent event. */
export function eventData(info: DurableInfo, data: readonly DataOp[]): string {
  if (isJson(info)) return listOf(data);
  // Together: a character may be parted between two requests.
  if (isText(info)) return new TextDecoder("utf-8", { fatal: false, ignoreBOM: true }).decode(bodyOf(info, data));
  return data.map((op) => ("base64" in op ? op.base64 : encodeBase64(bytesOf(op)))).join("");
}

/** Whether events carry the stream's data as it is; else in base64. */
export function isText(info: { readonly contentType: string }): boolean {
  return mediaType(info.contentType).startsWith("text/") || isJson(info);
}
