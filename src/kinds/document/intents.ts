import * as v from "valibot";
import type { Json, JsonObject } from "../../protocol/json.ts";
import { jsonFault } from "../json/check.ts";
import { parsePointer } from "../json/pointer.ts";
import type { DocumentIntent, FieldOperator, PatchOperation } from "./types.ts";

/**
 * A value is checked as a whole and passed by reference. It must not go through `v.record` or `v.object`, which
 * drop a `__proto__` key, and which recurse into values whose depth nobody has bounded yet.
 */
const json = v.pipe(
  v.unknown(),
  v.rawCheck<unknown>(({ dataset, addIssue }) => {
    const fault = jsonFault(dataset.value);
    if (fault === undefined) return;
    const [first, ...rest] = fault.path.map((key) => step(key));
    addIssue(first === undefined ? { message: fault.message } : { message: fault.message, path: [first, ...rest] });
  }),
) as v.GenericSchema<unknown, Json>;

const jsonObject = v.pipe(
  json,
  v.check((value) => typeof value === "object" && value !== null && !Array.isArray(value), "Expected a JSON object"),
) as v.GenericSchema<unknown, JsonObject>;

const pointer = v.pipe(
  v.string(),
  v.check((text) => parsePointer(text) !== undefined, "Expected a JSON Pointer, such as /a/b~1c"),
);

const values = v.array(json);

/** RFC 6902 has readers ignore members that they do not know; they are not logged. */
const patchOperation = v.variant("op", [
  v.object({ op: v.picklist(["add", "replace"]), path: pointer, value: json }),
  v.object({ op: v.literal("test"), path: pointer, value: json }),
  v.object({ op: v.literal("remove"), path: pointer }),
  v.object({ op: v.picklist(["move", "copy"]), from: pointer, path: pointer }),
]) satisfies v.GenericSchema<unknown, PatchOperation>;

const fieldOperator = v.variant("op", [
  v.strictObject({ op: v.literal("increment"), path: pointer, by: v.exactOptional(v.pipe(v.number(), v.finite())) }),
  v.strictObject({ op: v.picklist(["union", "remove"]), path: pointer, values }),
  v.strictObject({ op: v.picklist(["delete", "serverTime"]), path: pointer }),
  v.strictObject({ op: v.literal("put"), path: pointer, value: json }),
]) as v.GenericSchema<unknown, FieldOperator>;

/** What the document kind takes from a client: shapes, pointers and numbers, not depth and size, which `decide` bounds. */
export const documentIntents = v.variant("type", [
  v.strictObject({ type: v.literal("set"), value: json }),
  v.strictObject({ type: v.literal("merge"), value: jsonObject }),
  v.strictObject({ type: v.literal("mergePatch"), patch: json }),
  v.strictObject({ type: v.literal("jsonPatch"), patch: v.array(patchOperation) }),
  v.strictObject({ type: v.literal("update"), fields: v.array(fieldOperator) }),
]) satisfies v.GenericSchema<unknown, DocumentIntent>;

function step(key: string | number): v.UnknownPathItem {
  return { type: "unknown", origin: "value", input: undefined, key, value: undefined };
}
