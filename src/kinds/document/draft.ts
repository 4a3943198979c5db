import type { Json, JsonObject } from "../../protocol/json.ts";
import { isArray, isContainer, put, type Draft } from "../json/object.ts";
import { arrayIndex, child } from "../json/pointer.ts";
import { COPIED_ELEMENT, COPIED_MEMBER, SHIFTED_ELEMENT } from "../json/work.ts";

/** Is told of each write how it changes the document. */
export interface Meter {
  /** Whether `value`, `way` containers deep, is another than `old`; undefined is nothing. */
  change(old: Json | undefined, value: Json | undefined, way: number): boolean;
  /** A member that comes to others, or goes (-1). Its key, unless it is an element, and the comma. */
  member(key: string | undefined, others: number, sign: 1 | -1): void;
}

export interface Writing {
  /** An array takes the value in before the index, rather than in its place. */
  readonly insert?: boolean;
  /** Missing objects on the way are made. */
  readonly make?: boolean;
}

/**
 * A document that is being changed, several steps in a row: each container on the way is copied once, so
 * that many steps on a wide object do not cost as many copies of it.
 */
export class DocumentDraft {
  /** Holds the root, so that it is replaced like any other member. */
  readonly #top: { root: Json };
  /**
   * The copies made here, with how many members they have where that was asked. Each is reachable by one way only,
   * and through such copies only.
   */
  #owned = new Map<object, number | undefined>();
  /** What the copies have cost so far, see `work.ts`. */
  work = 0;

  constructor(root: Json) {
    this.#top = { root };
  }

  get root(): Json {
    return this.#top.root;
  }

  /** The document as it is. It stays so: what is written later is written to copies. */
  seal(): Json {
    if (this.#owned.size > 0) this.#owned = new Map();
    return this.#top.root;
  }

  /** Back to what was sealed before. */
  restore(sealed: Json): void {
    this.seal();
    this.#top.root = sealed;
  }

  /**
   * Puts `value` where the tokens lead; undefined removes what is there. At an array's length, or `-`, it grows.
   * @param meter Notes how the document changes; what does not change it is not written then.
   * @returns Why it cannot be done; then nothing is.
   */
  write(
    tokens: readonly string[],
    value: Json | undefined,
    { insert = false, make = false }: Writing = {},
    meter?: Meter,
  ): string | undefined {
    if (tokens.length === 0 && value === undefined) return "The root cannot be removed";
    let holder: Json = this.#top;
    let key = "root";
    let end = 0;
    for (; end < tokens.length; end += 1) {
      const found = child(holder, key);
      if (found === undefined && make) break;
      if (!isContainer(found)) return "No such path";
      holder = found;
      key = tokens[end] ?? "";
    }
    const made = end < tokens.length;
    const written = made && value !== undefined ? nest(tokens.slice(end), value) : value;
    const at = isArray(holder) ? indexOf(holder, key) : 0;
    if (Number.isNaN(at)) return "No such path";
    const inserts = insert && !made && isArray(holder);
    const old = inserts ? undefined : child(holder, key);
    if (meter?.change(old, written, end) === false) return undefined;

    let node = this.#top as Draft;
    let name = "root";
    for (let step = 0; step < end; step += 1) {
      node = this.#own(node, name);
      name = tokens[step] ?? "";
    }
    if (meter !== undefined && end > 0 && (old === undefined) !== (written === undefined)) {
      const others = (Array.isArray(node) ? node.length : this.#count(node)) - (old === undefined ? 0 : 1);
      meter.member(Array.isArray(node) ? undefined : name, others, written === undefined ? -1 : 1);
    }
    this.#assign(node, name, written, inserts, old !== undefined);
    return undefined;
  }

  /** To be called for a value that will be reachable by a second way. */
  share(value: Json | undefined): void {
    if (isContainer(value) && this.#owned.delete(value)) {
      for (const item of isArray(value) ? value : Object.values(value)) this.share(item);
    }
  }

  /** The container that is known to be under that key, copied unless it is a copy already. */
  #own(node: Draft, key: string): Draft {
    const found = child(node, key) as readonly Json[] | JsonObject;
    if (this.#owned.has(found)) return found as Draft;
    const copy = isArray(found) ? found.slice() : { ...found };
    this.#owned.set(copy, undefined);
    this.work += Array.isArray(copy) ? copy.length * COPIED_ELEMENT : this.#count(copy) * COPIED_MEMBER;
    this.#assign(node, key, copy, false, true);
    return copy;
  }

  /** How many members an own copy has. Counting takes as long as copying, so it is done once. */
  #count(copy: Readonly<Record<string, Json>>): number {
    const known = this.#owned.get(copy);
    if (known !== undefined) return known;
    const count = Object.keys(copy).length;
    this.#owned.set(copy, count);
    return count;
  }

  #assign(node: Draft, key: string, value: Json | undefined, insert: boolean, replaces: boolean): void {
    if (Array.isArray(node)) {
      const index = indexOf(node, key);
      if (insert || value === undefined) this.work += (node.length - index) * SHIFTED_ELEMENT;
      if (value === undefined) node.splice(index, 1);
      else node.splice(index, insert ? 0 : 1, value);
      return;
    }
    const count = this.#owned.get(node);
    if (value === undefined) delete node[key];
    else put(node, key, value);
    const grown = (value === undefined ? 0 : 1) - (replaces ? 1 : 0);
    if (count !== undefined && grown !== 0) this.#owned.set(node, count + grown);
  }
}

/** The index that a token names, the length for one that is to be; NaN where nothing is or can be. */
function indexOf(array: readonly Json[], key: string): number {
  const index = key === "-" ? array.length : arrayIndex(key);
  return index <= array.length ? index : NaN;
}

/** Objects around the value, one for each token. */
function nest(tokens: readonly string[], value: Json): Json {
  return tokens.reduceRight<Json>((inner, token) => {
    const object: Record<string, Json> = {};
    put(object, token, inner);
    return object;
  }, value);
}
