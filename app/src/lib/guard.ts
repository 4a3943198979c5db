import type { PatchOperation } from "../../../src/kinds/document/types.ts";
import { type Json, isArray, isContainer, isObject, own } from "./json.ts";
import { type Pointer, child, childOf, indexOf, segments, within } from "./pointer.ts";

type Test = Extract<PatchOperation, { op: "test" }>;

/** Keys by which people tell the elements of a list apart, best first. */
const NAMES = ["id", "key", "name", "title", "label"];

/**
 * Tests that go ahead of an edit under `path`, so that it cannot land on another element when somebody has moved the
 * list meanwhile: indices shift, names do not. Light: a list element is known by one field that the edit leaves
 * alone, so that two people still edit two fields of one element at once. A path through no list needs none.
 */
export function guards(root: Json, path: Pointer): Test[] {
  const tests: Test[] = [];
  let value: Json | undefined = root;
  let here: Pointer = "";
  for (const segment of segments(path)) {
    const parent = value;
    value = childOf(value, segment);
    here = child(here, segment);
    if (!isArray(parent) || indexOf(segment) === undefined || value === undefined) continue;
    const test = identity(value, here, path);
    if (test !== undefined) tests.push(test);
  }
  return tests;
}

function identity(element: Json, path: Pointer, edited: Pointer): Test | undefined {
  if (!isContainer(element)) return { op: "test", path, value: element };
  if (!isObject(element)) return undefined;
  for (const key of [...NAMES, ...Object.keys(element)]) {
    const value = own(element, key);
    const place = child(path, key);
    if (value !== undefined && !isContainer(value) && !within(edited, place)) return { op: "test", path: place, value };
  }
  return undefined;
}
