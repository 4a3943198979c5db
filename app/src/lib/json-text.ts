import {
  type JSONPath,
  type Node,
  type ParseError,
  findNodeAtLocation,
  getNodePath,
  getNodeValue,
  modify,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import type { Edit } from "./diff.ts";
import { type Json, equal } from "./json.ts";
import { type Pointer, child, indexOf, parentOf, segments } from "./pointer.ts";

export type { Node };

/** A stretch of text to replace, in UTF-16 offsets. */
export interface TextChange {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/** A fault in JSON text, in UTF-16 offsets. */
export interface Fault {
  readonly from: number;
  readonly to: number;
  readonly message: string;
}

export type Reading =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** Where somebody is in a document's text, in terms that hold whatever the text's layout. */
export interface Spot {
  /** The innermost field around it. */
  readonly path: Pointer;
  /** UTF-16 code units after the start of that field's value. */
  readonly offset: number;
}

/** Beyond this many edits it is quicker to lay the text out anew. */
const MOST_EDITS = 60;
const LAYOUT = { tabSize: 2, insertSpaces: true, eol: "\n" };
/** A forgiving parse, for places in text that may have faults. */
export function treeOf(text: string): Node | undefined {
  return parseTree(text);
}

const STRICT = { allowTrailingComma: false, disallowComments: true, allowEmptyContent: false };

export function print(value: Json): string {
  return JSON.stringify(value, null, 2);
}

/** Reads JSON text, strictly. A key given twice is a fault too: it would silently lose one of them. */
export function read(text: string): Reading {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, STRICT);
  // The first: what follows it is mostly its echo.
  const faults = errors.slice(0, 1).map((error) => ({
    from: Math.min(error.offset, text.length),
    to: Math.min(error.offset + Math.max(error.length, 1), text.length),
    message: sentence(printParseErrorCode(error.error)),
  }));
  if (tree !== undefined && faults.length === 0) repeatedKeys(tree, faults);
  if (tree === undefined && faults.length === 0) faults.push({ from: 0, to: 0, message: "Nothing here yet" });
  if (faults.length > 0) return { ok: false, faults };
  try {
    return { ok: true, value: JSON.parse(text) as Json };
  } catch (error) {
    // What the forgiving parser lets through, such as a number of "-".
    return {
      ok: false,
      faults: [{ from: 0, to: text.length, message: error instanceof Error ? error.message : "Not JSON" }],
    };
  }
}

function sentence(code: string): string {
  const words = code.replaceAll(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function repeatedKeys(node: Node, faults: Fault[]): void {
  const seen = new Set<unknown>();
  for (const part of node.children ?? []) {
    const key = part.type === "property" ? part.children?.[0] : undefined;
    if (key !== undefined) {
      if (seen.has(key.value)) {
        faults.push({
          from: key.offset,
          to: key.offset + key.length,
          message: `The key ${JSON.stringify(key.value)} is here twice`,
        });
      }
      seen.add(key.value);
    }
    repeatedKeys(part, faults);
  }
}

/**
 * Brings `text` to say what `edits` make of it, by changing as little of it as they need: the layout that a person
 * chose, the cursor and the selection stay. Each change is in offsets of the text after those before it.
 * `after` is the resulting value, for when that would be slow.
 */
export function retext(text: string, edits: readonly Edit[], after: Json): TextChange[] {
  if (edits.some((edit) => edit.path === "") || edits.length > MOST_EDITS) return shortest(text, print(after));
  const steps: TextChange[] = [];
  let now = text;
  const renamed = new Set<Edit>();
  for (const edit of edits) {
    if (renamed.has(edit)) continue;
    const tree = parseTree(now);
    const rename = renameFor(tree, edit, edits);
    if (rename !== undefined) {
      renamed.add(rename.to);
      steps.push(rename.change);
      now = now.slice(0, rename.change.from) + rename.change.insert + now.slice(rename.change.to);
      continue;
    }
    const changes = modify(now, jsonPath(tree, edit.path), edit.op === "remove" ? undefined : edit.value, {
      formattingOptions: LAYOUT,
      isArrayInsertion: edit.op === "add" && nodeAt(tree, parentOf(edit.path))?.type === "array",
    });
    for (const change of changes.toReversed()) {
      const [step] = shortest(now.slice(change.offset, change.offset + change.length), change.content);
      if (step === undefined) continue;
      steps.push({ from: change.offset + step.from, to: change.offset + step.to, insert: step.insert });
      now = now.slice(0, change.offset) + change.content + now.slice(change.offset + change.length);
    }
  }
  return steps;
}

/** A field that goes while another comes with its value was renamed: in the text it stays in its place. */
function renameFor(
  tree: Node | undefined,
  edit: Edit,
  edits: readonly Edit[],
): { readonly to: Edit; readonly change: TextChange } | undefined {
  const node = edit.op === "remove" ? nodeAt(tree, edit.path) : undefined;
  const key = node?.parent?.type === "property" ? node.parent.children?.[0] : undefined;
  if (node === undefined || key === undefined) return undefined;
  const value = getNodeValue(node) as Json;
  const to = edits.find(
    (other) => other.op === "add" && parentOf(other.path) === parentOf(edit.path) && equal(other.value, value),
  );
  if (to === undefined || nodeAt(tree, to.path) !== undefined) return undefined;
  const insert = JSON.stringify(segments(to.path).at(-1));
  return { to, change: { from: key.offset, to: key.offset + key.length, insert } };
}

/** The change from one text to another without the parts that they begin and end with alike; none when equal. */
export function shortest(before: string, after: string): TextChange[] {
  if (before === after) return [];
  let start = 0;
  const most = Math.min(before.length, after.length);
  while (start < most && before.charCodeAt(start) === after.charCodeAt(start)) start += 1;
  let end = 0;
  while (
    end < most - start &&
    before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)
  ) {
    end += 1;
  }
  return [{ from: start, to: before.length - end, insert: after.slice(start, after.length - end) }];
}

/** The field around an offset of the text. Works on text with faults, as far as it goes. */
export function spotAt(tree: Node | undefined, offset: number): Spot {
  const node = tree === undefined ? undefined : fieldAround(tree, offset);
  if (node === undefined) return { path: "", offset };
  const path = getNodePath(node).reduce<Pointer>((pointer, key) => child(pointer, key), "");
  return { path, offset: offset - node.offset };
}

function fieldAround(node: Node, offset: number): Node | undefined {
  if (offset < node.offset || offset > node.offset + node.length) return undefined;
  if (node.type === "property") {
    const value = node.children?.[1];
    // The key counts as the field too; its offsets are negative.
    return value === undefined ? undefined : (fieldAround(value, offset) ?? value);
  }
  for (const part of node.children ?? []) {
    const inner = fieldAround(part, offset);
    if (inner !== undefined) return inner;
  }
  return node;
}

/** Where a spot is in this text; undefined when its field is not there. */
export function offsetOf(tree: Node | undefined, spot: Spot): number | undefined {
  const node = nodeAt(tree, spot.path);
  if (node === undefined) return undefined;
  const key = node.parent?.type === "property" ? node.offset - node.parent.offset : 0;
  return node.offset + Math.max(-key, Math.min(spot.offset, node.length));
}

/** The node of a field's value. */
export function nodeAt(tree: Node | undefined, path: Pointer): Node | undefined {
  return tree === undefined ? undefined : findNodeAtLocation(tree, jsonPath(tree, path));
}

/** Array places as numbers, keys as strings: the library tells them apart by that. */
function jsonPath(tree: Node | undefined, pointer: Pointer): JSONPath {
  const path: JSONPath = [];
  let node = tree;
  for (const segment of segments(pointer)) {
    const key = node?.type === "array" ? (indexOf(segment) ?? segment) : segment;
    path.push(key);
    node = node === undefined ? undefined : findNodeAtLocation(node, [key]);
  }
  return path;
}
