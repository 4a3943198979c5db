import type { Edit } from "./diff.ts";
import { guards } from "./guard.ts";
import { type Json, isArray } from "./json.ts";
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
    return [...guards(value, only.path), only];
  }
  const lists = new Map<Pointer, readonly Json[]>();
  for (const edit of edits) {
    const list = outermostList(value, edit.path);
    if (list !== undefined) lists.set(...list);
  }
  const tests = [...lists]
    .filter(([, list]) => JSON.stringify(list).length <= LONGEST_TEST)
    .map(([path, list]): PatchOperation => ({ op: "test", path, value: list }));
  return [...tests, ...edits];
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
