import type { Json, JsonObject } from "../../protocol/json.ts";
import type { Limits } from "../../protocol/limits.ts";
import { refuse, Refusal } from "../../protocol/refusal.ts";
import { equal, keep } from "../json/equal.ts";
import { size } from "../json/measure.ts";
import { isArray, isContainer, isObject, own, put } from "../json/object.ts";
import { parsePointer, read } from "../json/pointer.ts";
import { DocumentDraft } from "./draft.ts";
import type { DocumentOp, PatchOperation } from "./types.ts";

/** An op, or one that still holds its tests. */
export type Step =
  | Exclude<DocumentOp, { type: "jsonPatch" }>
  | { readonly type: "jsonPatch"; readonly patch: readonly PatchOperation[] };

/**
 * What one step may cost: `depth` bounds the paths along which objects are made, `stateBytes` the bytes copied
 * and array elements looked through, together, so that repeated copies cannot double without end.
 */
export type Bounds = Pick<Limits, "depth" | "stateBytes">;

/** An op that was logged has been weighed before. */
const NO_BOUNDS: Bounds = { depth: Infinity, stateBytes: Infinity };

/** The state after a step, sharing every branch that it did not change; or why it does not fit the state. */
export function apply(state: Json, step: Step, bounds = NO_BOUNDS): Json | Refusal {
  switch (step.type) {
    case "set":
      return keep(state, step.value);
    case "merge":
      if (!isObject(state)) return refuse("conflict", "Not an object.", { path: "" });
      return assign(state, step.value, keep);
    case "mergePatch":
      return mergePatch(state, step.patch);
    case "jsonPatch":
      return edit(state, step.patch, patchOne, bounds);
    case "update":
      return edit(state, step.fields, updateOne, bounds);
  }
}

/** `target` with each key of `patch` as `next` says; undefined removes it. */
function assign(
  target: JsonObject,
  patch: JsonObject,
  next: (old: Json | undefined, value: Json) => Json | undefined,
): JsonObject {
  let result: Record<string, Json> | undefined;
  for (const key of Object.keys(patch)) {
    const old = own(target, key);
    const value = next(old, patch[key] ?? null);
    if (value === old) continue;
    result ??= { ...target };
    if (value === undefined) delete result[key];
    else put(result, key, value);
  }
  return result ?? target;
}

function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return keep(target, patch);
  return assign(isObject(target) ? target : {}, patch, (old, value) =>
    value === null ? undefined : mergePatch(old, value),
  );
}

type FieldStep = Extract<Step, { type: "update" }>["fields"][number];

/** Why an operation fails: `conflict` when it is a text. */
type Fault = string | Refusal | undefined;

interface Edit {
  readonly draft: DocumentDraft;
  readonly bounds: Bounds;
  work: number;
}

function edit<Operation extends { readonly path: string }>(
  state: Json,
  operations: readonly Operation[],
  one: (edit: Edit, operation: Operation, tokens: readonly string[]) => Fault,
  bounds: Bounds,
): Json | Refusal {
  const draft = new DocumentDraft(state);
  const current: Edit = { draft, bounds, work: 0 };
  for (const operation of operations) {
    const tokens = parsePointer(operation.path);
    const fault = tokens === undefined ? "Not a JSON Pointer" : one(current, operation, tokens);
    if (fault instanceof Refusal) return fault;
    if (fault !== undefined) return refuse("conflict", `${fault}.`, { path: operation.path });
    if (current.work > bounds.stateBytes) {
      return refuse("too_large", "Copies or searches too much.", { path: operation.path });
    }
  }
  return draft.top.root;
}

function patchOne(current: Edit, operation: PatchOperation, tokens: readonly string[]): Fault {
  const { draft } = current;
  const found = read(draft.top.root, tokens);
  switch (operation.op) {
    case "add":
      return draft.write(tokens, operation.value, true);
    case "test":
      return equal(found, operation.value) ? undefined : "The test fails";
    case "replace":
    case "remove":
      if (found === undefined) return "No such path";
      return draft.write(tokens, operation.op === "replace" ? keep(found, operation.value) : undefined);
    case "move":
    case "copy": {
      const from = parsePointer(operation.from);
      const value = from && read(draft.top.root, from);
      if (from === undefined || value === undefined)
        return refuse("conflict", "No such path.", { path: operation.from });
      if (operation.op === "move") {
        if (operation.from === operation.path) return undefined;
        if (operation.path.startsWith(`${operation.from}/`)) return "Moved into itself";
        draft.write(from, undefined);
        return draft.write(tokens, value, true);
      }
      if (current.bounds.stateBytes < Infinity) current.work += size(value);
      draft.share(value);
      return draft.write(tokens, value, true);
    }
  }
}

function updateOne(current: Edit, field: FieldStep, tokens: readonly string[]): Fault {
  const { draft } = current;
  const found = read(draft.top.root, tokens);
  const write = (value: Json): Fault =>
    tokens.length > current.bounds.depth
      ? refuse("too_deep", "The path is too deep.", { path: field.path })
      : draft.write(tokens, value, false, true);
  switch (field.op) {
    case "put":
      return equal(found, field.value) ? undefined : write(field.value);
    case "delete":
      return found === undefined ? undefined : draft.write(tokens, undefined);
    case "increment": {
      const number = found === undefined ? 0 : found;
      if (typeof number !== "number") return "Not a number";
      const sum = number + (field.by ?? 1);
      return Number.isFinite(sum) ? write(sum) : "Not a finite sum";
    }
    case "union":
    case "remove": {
      if (found === undefined && field.op === "remove") return undefined;
      const array = found === undefined ? [] : found;
      if (!isArray(array)) return "Not an array";
      const { values } = field;
      current.work += array.length * (1 + values.filter(isContainer).length);
      const next = field.op === "union" ? union(array, values) : without(array, values);
      return found !== undefined && next.length === array.length ? undefined : write(next);
    }
  }
}

function union(array: readonly Json[], values: readonly Json[]): readonly Json[] {
  const next = array.slice();
  const held = new Set(next);
  for (const value of values) {
    if (held.has(value) || holds(next, value)) continue;
    held.add(value);
    next.push(value);
  }
  return next;
}

function without(array: readonly Json[], values: readonly Json[]): readonly Json[] {
  const unwanted = new Set(values);
  return array.filter((item) => !unwanted.has(item) && !holds(values, item));
}

/** Whether the list has a container equal to this one; scalars are looked up in a set. */
function holds(list: readonly Json[], value: Json): boolean {
  return isContainer(value) && list.some((item) => equal(item, value));
}
