import type { Json } from "../../protocol/json.ts";
import { isArray, isContainer, put, type Draft } from "../json/object.ts";
import { arrayIndex, child } from "../json/pointer.ts";

/**
 * A document that is being changed, several steps in a row: each container on the way is copied once, so
 * that many steps on a wide object do not cost as many copies of it.
 */
export class DocumentDraft {
  /** Holds the root, so that it is replaced like any other member. */
  readonly top: { root: Json };
  /** The copies made here. Each is reachable by one way only, and through such copies only. */
  readonly #owned = new Set<object>();

  constructor(root: Json) {
    this.top = { root };
  }

  /**
   * Puts `value` where the tokens lead; undefined removes what is there. An array takes it in before an
   * index (`insert`) or in its place; at the length, or `-`, it grows.
   * @param make Whether missing objects on the way are made.
   * @returns Why it cannot be done; the draft is of no use then.
   */
  write(tokens: readonly string[], value: Json | undefined, insert = false, make = false): string | undefined {
    let node: Draft = this.top;
    let key = "root";
    for (const token of tokens) {
      let found = child(node, key);
      if (found === undefined && make) found = {};
      if (!isContainer(found)) return "No such path";
      let next = found as Draft;
      if (!this.#owned.has(found)) {
        next = isArray(found) ? found.slice() : { ...found };
        this.#owned.add(next);
        const fault = assign(node, key, next, false);
        if (fault !== undefined) return fault;
      }
      node = next;
      key = token;
    }
    if (node === this.top && value === undefined) return "The root cannot be removed";
    return assign(node, key, value, insert);
  }

  /** To be called for a value that will be reachable by a second way. */
  share(value: Json | undefined): void {
    if (isContainer(value) && this.#owned.delete(value)) {
      for (const item of isArray(value) ? value : Object.values(value)) this.share(item);
    }
  }
}

function assign(node: Draft, key: string, value: Json | undefined, insert: boolean): string | undefined {
  if (!Array.isArray(node)) {
    if (value === undefined) delete node[key];
    else put(node, key, value);
    return undefined;
  }
  const index = key === "-" ? node.length : arrayIndex(key);
  if (!(index <= node.length)) return "No such path";
  if (value === undefined) node.splice(index, 1);
  else node.splice(index, insert ? 0 : 1, value);
  return undefined;
}
