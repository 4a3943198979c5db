import type { Json, JsonObject } from "../../protocol/json.ts";

/** One operation of a JSON Patch (RFC 6902). Paths are JSON Pointers. */
export type PatchOperation<J = Json> =
  | { readonly op: "add" | "replace"; readonly path: string; readonly value: J }
  | { readonly op: "test"; readonly path: string; readonly value: J }
  | { readonly op: "remove"; readonly path: string }
  | { readonly op: "move" | "copy"; readonly from: string; readonly path: string };

/** A change to one field, by JSON Pointer. Missing parent objects are made. */
export type FieldOperator<J = Json> =
  /** Adds `by` (1 if absent) to a number; a missing field counts as 0. */
  | { readonly op: "increment"; readonly path: string; readonly by?: number }
  /** Appends those of `values` that the array does not hold yet (deep equality); a missing field counts as []. */
  | { readonly op: "union"; readonly path: string; readonly values: readonly J[] }
  /** Takes every element equal to one of `values` out of the array; a missing field stays missing. */
  | { readonly op: "remove"; readonly path: string; readonly values: readonly J[] }
  /** Removes the field; a missing field is no error. */
  | { readonly op: "delete"; readonly path: string }
  /** Sets the field to the room's clock, milliseconds since 1970. */
  | { readonly op: "serverTime"; readonly path: string }
  /** Sets the field. */
  | { readonly op: "put"; readonly path: string; readonly value: J };

/** What a client may ask of a document. */
export type DocumentIntent<J = Json, O = JsonObject> =
  | { readonly type: "set"; readonly value: J }
  /** Shallow: replaces the given top-level keys, keeps the others. */
  | { readonly type: "merge"; readonly value: O }
  /** RFC 7396. */
  | { readonly type: "mergePatch"; readonly patch: J }
  /** RFC 6902, all six operations; a failing `test` refuses the whole list. */
  | { readonly type: "jsonPatch"; readonly patch: readonly PatchOperation<J>[] }
  | { readonly type: "update"; readonly fields: readonly FieldOperator<J>[] };

/** What the log holds. Same shapes, with nothing left to decide: no `test`, no `serverTime`. */
export type DocumentOp =
  | { readonly type: "set"; readonly value: Json }
  | { readonly type: "merge"; readonly value: JsonObject }
  | { readonly type: "mergePatch"; readonly patch: Json }
  | { readonly type: "jsonPatch"; readonly patch: readonly Exclude<PatchOperation, { op: "test" }>[] }
  | { readonly type: "update"; readonly fields: readonly Exclude<FieldOperator, { op: "serverTime" }>[] };
