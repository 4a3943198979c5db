import type { Json } from "../../protocol/json.ts";
import { refuse, Refusal, type RefusalPlace } from "../../protocol/refusal.ts";
import { equal, keep } from "../json/equal.ts";
import { isArray, isContainer, isObject, put } from "../json/object.ts";
import { parsePointer, read } from "../json/pointer.ts";
import { COPIED_BYTE, LOOKED_AT } from "../json/work.ts";
import type { DocumentDraft, Meter, Writing } from "./draft.ts";
import type { DocumentOp, PatchOperation } from "./types.ts";

/** An op, or one that still holds its tests. */
export type Step =
  | Exclude<DocumentOp, { type: "jsonPatch" }>
  | { readonly type: "jsonPatch"; readonly patch: readonly PatchOperation[] };

/** What a step may do. */
export interface Bounds {
  /** Bounds the paths along which objects are made. */
  readonly depth: number;
  /** Whether more than the budget has been spent; the draft's own work so far is given. */
  readonly isSpent: (work: number) => boolean;
  /** The length of a value as text, in bytes. */
  readonly size: (value: Json) => number;
}

/** Why a step does not fit: `conflict` when it is a text. */
type Fault = string | Refusal | undefined;

interface Edit {
  readonly draft: DocumentDraft;
  /** Absent for an op that was logged, which has been weighed before, and on a client, which leaves that to the room. */
  readonly bounds: Bounds | undefined;
  readonly meter: Meter | undefined;
}

/**
 * Brings a draft to the state after a step; or tells why it does not fit the state, after which the draft is of
 * no use.
 */
export function apply(draft: DocumentDraft, step: Step, bounds?: Bounds, meter?: Meter): Refusal | undefined {
  const edit: Edit = { draft, bounds, meter };
  switch (step.type) {
    case "set":
      replace(edit, [], step.value);
      return undefined;
    case "merge":
      if (!isObject(draft.root)) return refuse("conflict", "Not an object.", { path: "" });
      for (const key of Object.keys(step.value)) replace(edit, [key], step.value[key] ?? null);
      return undefined;
    case "mergePatch":
      mergePatch(edit, [], step.patch);
      return undefined;
    case "jsonPatch":
      return each(edit, step.patch, patchOne);
    case "update":
      return each(edit, step.fields, updateOne);
  }
}

function write({ draft, meter }: Edit, tokens: readonly string[], value: Json | undefined, how?: Writing): Fault {
  return draft.write(tokens, value, how, meter);
}

/** Puts a value where the same JSON is not there already: what does not change keeps its identity. */
function replace(edit: Edit, tokens: readonly string[], value: Json): Fault {
  const old = read(edit.draft.root, tokens);
  return old !== undefined && keep(old, value) === old ? undefined : write(edit, tokens, value);
}

function mergePatch(edit: Edit, tokens: readonly string[], patch: Json): void {
  const target = read(edit.draft.root, tokens);
  if (!isObject(patch)) replace(edit, tokens, patch);
  else if (!isObject(target)) write(edit, tokens, withoutNulls(patch));
  else {
    for (const key of Object.keys(patch)) {
      const value = patch[key] ?? null;
      if (value !== null) mergePatch(edit, [...tokens, key], value);
      else if (Object.hasOwn(target, key)) write(edit, [...tokens, key], undefined);
    }
  }
}

/** What a merge patch makes of nothing. */
function withoutNulls(patch: Json): Json {
  if (!isObject(patch)) return patch;
  const result: Record<string, Json> = {};
  for (const key of Object.keys(patch)) {
    const value = patch[key] ?? null;
    if (value !== null) put(result, key, withoutNulls(value));
  }
  return result;
}

type FieldStep = Extract<Step, { type: "update" }>["fields"][number];

function each<Operation extends { readonly path: string }>(
  edit: Edit,
  operations: readonly Operation[],
  one: (edit: Edit, operation: Operation, tokens: readonly string[]) => Fault,
): Refusal | undefined {
  const { draft, bounds } = edit;
  for (const operation of operations) {
    const tokens = parsePointer(operation.path);
    const fault = tokens === undefined ? "Not a JSON Pointer" : one(edit, operation, tokens);
    if (fault instanceof Refusal) return fault;
    if (fault !== undefined) return refuse("conflict", `${fault}.`, { path: operation.path });
    if (bounds?.isSpent(draft.work) === true) return tooMuch({ path: operation.path });
  }
  return undefined;
}

export function tooMuch(place: RefusalPlace = {}): Refusal {
  return refuse("too_large", "One mutation copies, compares or searches too much.", place);
}

function patchOne(edit: Edit, operation: PatchOperation, tokens: readonly string[]): Fault {
  const { draft } = edit;
  const found = read(draft.root, tokens);
  switch (operation.op) {
    case "add":
      return write(edit, tokens, operation.value, { insert: true });
    case "test":
      return equal(found, operation.value) ? undefined : "The test fails";
    case "replace":
    case "remove":
      if (found === undefined) return "No such path";
      return operation.op === "replace" ? replace(edit, tokens, operation.value) : write(edit, tokens, undefined);
    case "move":
    case "copy": {
      const from = parsePointer(operation.from);
      const value = from && read(draft.root, from);
      if (from === undefined || value === undefined)
        return refuse("conflict", "No such path.", { path: operation.from });
      if (operation.op === "move") {
        if (operation.from === operation.path) return undefined;
        if (operation.path.startsWith(`${operation.from}/`)) return "Moved into itself";
        write(edit, from, undefined);
        return write(edit, tokens, value, { insert: true });
      }
      if (edit.bounds !== undefined) draft.work += edit.bounds.size(value) * COPIED_BYTE;
      draft.share(value);
      return write(edit, tokens, value, { insert: true });
    }
  }
}

function updateOne(edit: Edit, field: FieldStep, tokens: readonly string[]): Fault {
  const { draft, bounds } = edit;
  const found = read(draft.root, tokens);
  const set = (value: Json): Fault =>
    bounds !== undefined && tokens.length > bounds.depth
      ? refuse("too_deep", "The path is too deep.", { path: field.path })
      : write(edit, tokens, value, { make: true });
  switch (field.op) {
    case "put":
      return equal(found, field.value) ? undefined : set(field.value);
    case "delete":
      return found === undefined ? undefined : write(edit, tokens, undefined);
    case "increment": {
      const number = found === undefined ? 0 : found;
      if (typeof number !== "number") return "Not a number";
      const sum = number + (field.by ?? 1);
      return Number.isFinite(sum) ? set(sum) : "Not a finite sum";
    }
    case "union":
    case "remove": {
      if (found === undefined && field.op === "remove") return undefined;
      const array = found === undefined ? [] : found;
      if (!isArray(array)) return "Not an array";
      const { values } = field;
      draft.work += array.length * (1 + values.filter(isContainer).length) * LOOKED_AT;
      const next = field.op === "union" ? union(array, values) : without(array, values);
      return found !== undefined && next.length === array.length ? undefined : set(next);
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
