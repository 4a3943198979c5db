import type { Json } from "../../protocol/json.ts";
import { isArray, isObject, own } from "./object.ts";

const INDEX = /^(0|[1-9]\d*)$/;

/** The tokens of a JSON Pointer (RFC 6901), unescaped; undefined when it is none. */
export function parsePointer(text: string): string[] | undefined {
  if ((text !== "" && text[0] !== "/") || /~(?![01])/.test(text)) return undefined;
  return text
    .split("/")
    .slice(1)
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The JSON Pointer of these tokens. */
export function formatPointer(tokens: readonly (string | number)[]): string {
  return tokens.map((token) => `/${String(token).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** The array index that a token names, not bounded by any length; NaN when it names none (`01`, `1e0`, `-1`). */
export function arrayIndex(token: string): number {
  return INDEX.test(token) ? Number(token) : NaN;
}

/** The member or element of that name; undefined where there is none. */
export function child(node: Json | undefined, token: string): Json | undefined {
  if (isArray(node)) return node[arrayIndex(token)];
  return isObject(node) ? own(node, token) : undefined;
}

/** What a pointer's tokens lead to; undefined where that is missing. */
export function read(root: Json, tokens: readonly string[]): Json | undefined {
  let node: Json | undefined = root;
  for (const token of tokens) {
    if (node === undefined) return undefined;
    node = child(node, token);
  }
  return node;
}
