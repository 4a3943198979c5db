import type { Json, JsonObject } from "../../protocol/json.ts";
import { equal } from "../json/equal.ts";
import { isObject, own, put } from "../json/object.ts";
import type { DocumentOp } from "./types.ts";

/** A change as simple clients know it: `set` replaces the value, `merge` assigns its top-level keys. */
export type SimplePatch =
  | { readonly op: "set"; readonly value: Json }
  | { readonly op: "merge"; readonly value: JsonObject };

/** What brings a simple client from `before` to `after`: a merge of the top-level keys that changed where that suffices. */
export function simplify(change: {
  readonly op: DocumentOp;
  readonly before: Json;
  readonly after: Json;
}): SimplePatch {
  const { op } = change;
  if (op.type === "set" || op.type === "merge") return { op: op.type, value: op.value } as SimplePatch;
  // Only now: a room makes them when they are asked for.
  const { before, after } = change;
  if (!isObject(before) || !isObject(after)) return { op: "set", value: after };
  if (Object.keys(before).some((key) => !Object.hasOwn(after, key))) return { op: "set", value: after };
  const value: Record<string, Json> = {};
  for (const [key, item] of Object.entries(after)) {
    if (!equal(own(before, key), item)) put(value, key, item);
  }
  return { op: "merge", value };
}
