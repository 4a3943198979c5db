import type { DocumentIntent, PatchOperation } from "../roomcast.ts";
import { guards } from "../lib/guard.ts";
import { type Json, isArray } from "../lib/json.ts";
import { type Pointer, at, parentOf } from "../lib/pointer.ts";

/**
 * The smallest intents for what a person does to one field. Outside of lists the last writer of a field wins it, and
 * nobody else's field is touched. In a list they name the element that is meant.
 */

/** Sets a field that exists. Where it was renamed or removed meanwhile that is a conflict: no other is made for it. */
export function putField(root: Json, path: Pointer, value: Json): DocumentIntent[] {
  if (path === "") return [{ type: "set", value }];
  return patched(guards(root, path), { op: "replace", path, value });
}

/** Adds a field to a group, or an element to the end of a list (its path ends in `/-`). */
export function addField(root: Json, path: Pointer, value: Json): DocumentIntent[] {
  const parent = parentOf(path);
  return patched(guards(root, parent), { op: "add", path: isArray(at(root, parent)) ? `${parent}/-` : path, value });
}

/** Puts an element back where it was in a list, or a field in its group. */
export function reinsert(root: Json, path: Pointer, value: Json): DocumentIntent[] {
  return patched(guards(root, parentOf(path)), { op: "add", path, value });
}

export function removeField(root: Json, path: Pointer): DocumentIntent[] {
  const tests = guards(root, path);
  if (tests.length === 0 && !isArray(at(root, parentOf(path)))) {
    return [{ type: "update", fields: [{ op: "delete", path }] }];
  }
  return patched(tests, { op: "remove", path });
}

export function renameField(root: Json, from: Pointer, path: Pointer): DocumentIntent[] {
  return patched(guards(root, from), { op: "move", from, path });
}

function patched(tests: readonly PatchOperation[], ...rest: readonly PatchOperation[]): DocumentIntent[] {
  return [{ type: "jsonPatch", patch: [...tests, ...rest] }];
}
