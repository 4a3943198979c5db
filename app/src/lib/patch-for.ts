import type { Edit } from "./diff.ts";
import { guards } from "./guard.ts";
import { type Json, equal, isArray, isContainer, isObject } from "./json.ts";
import { type Pointer, at, child, childOf, parentOf, segments } from "./pointer.ts";
import type { PatchOperation } from "../../../src/kinds/document/types.ts";

/** Lists with longer text than this are not sent along as a test: it would cost more than it saves. */
const LONGEST_TEST = 8192;

/**
 * The patch for edits made to the text of `value`. Where an edit goes by its place in a list, it is preceded by tests
 * that the list is still the one that was edited, so that it cannot land on another element.
 */
export function patchFor(value: Json, edits: readonly Edit[]): PatchOperation[] {
  const [only] = edits;
  if (edits.length === 1 && only !== undefined && !isArray(at(value, parentOf(only.path)))) {
    return [...guards(value, only.path), ...valueTest(value, only), only];
  }
  const lists = new Map<Pointer, readonly Json[]>();
  const outside: PatchOperation[] = [];
  for (const edit of edits) {
    const list = outermostList(value, edit.path);
    if (list === undefined) outside.push(...valueTest(value, edit));
    else lists.set(...list);
  }
  const tests = [...lists]
    .filter(([, list]) => JSON.stringify(list).length <= LONGEST_TEST)
    .map(([path, list]): PatchOperation => ({ op: "test", path, value: list }));
  return [...tests, ...outside, ...withMoves(value, edits)];
}

/** A text or number is replaced only where it is still the one that was edited: somebody else's edit would be lost. */
function valueTest(value: Json, edit: Edit): PatchOperation[] {
  const before = edit.op === "replace" ? at(value, edit.path) : undefined;
  return before !== undefined && !isContainer(before) ? [{ op: "test", path: edit.path, value: before }] : [];
}

/** A field that goes while another comes with its value was renamed: it keeps what others write into it meanwhile. */
function withMoves(value: Json, edits: readonly Edit[]): PatchOperation[] {
  const operations: PatchOperation[] = [];
  const moved = new Set<Edit>();
  for (const edit of edits) {
    if (moved.has(edit)) continue;
    const group = at(value, parentOf(edit.path));
    const to =
      edit.op === "remove" && isObject(group)
        ? edits.find(
            (other) =>
              other.op === "add" &&
              !moved.has(other) &&
              parentOf(other.path) === parentOf(edit.path) &&
              equal(other.value, at(value, edit.path)),
          )
        : undefined;
    if (to === undefined) operations.push(edit);
    else {
      moved.add(to);
      operations.push({ op: "move", from: edit.path, path: to.path });
    }
  }
  return operations;
}

function outermostList(root: Json, path: Pointer): [Pointer, readonly Json[]] | undefined {
  let value: Json | undefined = root;
  let here: Pointer = "";
  for (const segment of segments(path)) {
    if (isArray(value)) return [here, value];
    value = childOf(value, segment);
    here = child(here, segment);
  }
  return undefined;
}
