import type { DataOp } from "../../kinds/stream/durable/types.ts";
import { isJson } from "../../kinds/stream/durable/state.ts";
import { tooDeep } from "../../kinds/json/measure.ts";
import { STREAM_LIMITS } from "../../kinds/stream/limits.ts";
import { itemsOf, onOneLine } from "../../kinds/stream/split.ts";
import { bytesOf, encodeBase64 } from "../../kinds/stream/durable/bytes.ts";
import type { Json } from "../../protocol/json.ts";

/** A request's body as it will stand in the log, or why it cannot. */
export function dataOf(
  stream: { readonly contentType: string },
  body: ArrayBuffer,
): readonly DataOp[] | { readonly why: string } {
  if (body.byteLength === 0) return [];
  const text = decode(body);
  if (!isJson(stream))
    return [
      text === undefined ? { type: "chunk", base64: encodeBase64(new Uint8Array(body)) } : { type: "chunk", text },
    ];
  if (text === undefined) return { why: "JSON is UTF-8 text." };
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return { why: "The body is not JSON." };
  }
  const { eventDepth } = STREAM_LIMITS;
  const values: readonly Json[] = Array.isArray(value) ? value : [value];
  if (values.some((one) => tooDeep(one, eventDepth))) return { why: `A value may be nested ${eventDepth} deep.` };
  const items = Array.isArray(value) ? itemsOf(text) : [onOneLine(text)];
  return items.map((data) => ({ type: "event", event: { data } }));
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
  const bytes = bytesOf(first);
  if (sub > bytes.length) return undefined;
  const part = bytes.slice(0, sub).buffer;
  const text = decode(part);
  return [text === undefined ? { type: "chunk", base64: encodeBase64(new Uint8Array(part)) } : { type: "chunk", text }];
}
