import type { DataOp } from "../../kinds/stream/durable/types.ts";
import { isJson } from "../../kinds/stream/durable/state.ts";
import { tooDeep } from "../../kinds/json/measure.ts";
import { wellFormedJson } from "../../kinds/json/well-formed.ts";
import { STREAM_LIMITS } from "../../kinds/stream/limits.ts";
import { itemsOf, onOneLine } from "../../kinds/stream/split.ts";
import { bytesOf, encodeBase64 } from "../../kinds/stream/durable/bytes.ts";
import type { Json } from "../../protocol/json.ts";
import { type Refusal, refuse } from "../../protocol/refusal.ts";
import { utf8Length } from "../bytes.ts";

/** More bytes than these are several ops: each stands in one row of the log, in base64 too. */
const CHUNK_BYTES = 1024 * 1024;
/** Values in one request: as many as a mebibyte can hold. */
const MOST_VALUES = 512 * 1024;

/** A request's body as it will stand in the log, or why it cannot. */
export function dataOf(
  stream: { readonly contentType: string },
  body: ArrayBuffer,
): readonly DataOp[] | { readonly why: string } | Refusal {
  if (body.byteLength === 0) return [];
  if (!isJson(stream)) return chunksOf(new Uint8Array(body));
  const decoded = decode(body);
  if (decoded === undefined) return { why: "JSON is UTF-8 text." };
  const text = wellFormedJson(decoded);
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return { why: "The body is not JSON." };
  }
  const { eventDepth } = STREAM_LIMITS;
  const values: readonly Json[] = Array.isArray(value) ? value : [value];
  if (values.some((one) => tooDeep(one, eventDepth))) return { why: `A value may be nested ${eventDepth} deep.` };
  if (values.length > MOST_VALUES) return refuse("too_large", `One append may have ${MOST_VALUES} values.`);
  const items = Array.isArray(value) ? itemsOf(text) : [onOneLine(text)];
  return items.map((data) => ({ type: "event", event: { data } }));
}

/** Bytes as ops, cut between two characters where they are text. */
function chunksOf(bytes: Uint8Array<ArrayBuffer>): readonly DataOp[] {
  const ops: DataOp[] = [];
  for (let at = 0; at < bytes.length;) {
    let end = Math.min(at + CHUNK_BYTES, bytes.length);
    // A character has at most three bytes after its first.
    for (let back = 0; back < 3 && end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80; back += 1) end -= 1;
    ops.push(chunkOf(bytes.slice(at, end)));
    at = end;
  }
  return ops;
}

/** As text where that is no longer: control characters take six times their size in JSON. */
function chunkOf(bytes: Uint8Array<ArrayBuffer>): DataOp {
  const text = decode(bytes.buffer);
  const longest = Math.ceil(bytes.length / 3) * 4 + 2;
  if (text !== undefined && utf8Length(JSON.stringify(text)) <= longest) return { type: "chunk", text };
  return { type: "chunk", base64: encodeBase64(bytes) };
}

/** Text, if the bytes are exactly that. */
function decode(body: ArrayBuffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}

/** The first `sub` values, or bytes, of a message; undefined when it has fewer. */
export function prefixOf(message: readonly DataOp[], sub: number): readonly DataOp[] | undefined {
  const [first] = message;
  if (first === undefined) return undefined;
  if (first.type === "event") return sub > message.length ? undefined : message.slice(0, sub);
  const prefix: DataOp[] = [];
  let left = sub;
  for (const op of message) {
    const bytes = bytesOf(op);
    if (left >= bytes.length) prefix.push(op);
    else if (left > 0) prefix.push(chunkOf(bytes.slice(0, left)));
    left = Math.max(0, left - bytes.length);
  }
  return left > 0 ? undefined : prefix;
}
