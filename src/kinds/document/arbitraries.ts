import * as fc from "fast-check";
import type { Json, JsonObject } from "../../protocol/json.ts";
import { formatPointer } from "../json/pointer.ts";
import type { DocumentIntent, FieldOperator, PatchOperation } from "./types.ts";

/** Few keys, so that paths and patches meet. */
const KEYS = ["a", "b", "c", "", "0", "/", "~", "é"];

const scalar = fc.oneof(
  fc.constantFrom<Json>(null, true, false, 0, 1, -1, 1.5, 1e21, "", "a", "\ud800", "😀", '"\n'),
  fc.integer(),
  fc.string({ maxLength: 4 }),
);

export interface Arbitraries {
  readonly json: fc.Arbitrary<Json>;
  readonly jsonObject: fc.Arbitrary<JsonObject>;
  readonly patchFor: (state: Json) => fc.Arbitrary<PatchOperation[]>;
  /** Intents that often fit this state. */
  readonly intentFor: (state: Json) => fc.Arbitrary<DocumentIntent>;
}

/** With the keys that a language could stumble over. */
export const wild = arbitraries([...KEYS, "__proto__", "constructor"]);

/** Without them, for comparisons with code that refuses them. */
export const tame = arbitraries(KEYS);

function arbitraries(keys: readonly string[]): Arbitraries {
  const key = fc.constantFrom(...keys);
  const { json, object: jsonObject } = fc.letrec<{ json: Json; object: JsonObject }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      scalar,
      fc.array(tie("json"), { maxLength: 4 }),
      tie("object"),
    ),
    object: fc
      .array(fc.tuple(key, tie("json")), { maxLength: 4 })
      // Object.fromEntries defines, so that `__proto__` becomes an own key.
      .map((entries) => Object.fromEntries(entries)),
  }));

  const pathFor = (state: Json): fc.Arbitrary<string> =>
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...pathsOf(state)) },
      { weight: 1, arbitrary: fc.array(key, { maxLength: 3 }).map(formatPointer) },
    );

  const patchFor = (state: Json): fc.Arbitrary<PatchOperation[]> => {
    const path = pathFor(state);
    const operation = fc.oneof(
      fc.record({ op: fc.constantFrom("add", "replace", "test"), path, value: json }),
      fc.record({ op: fc.constant("remove"), path }),
      fc.record({ op: fc.constantFrom("move", "copy"), from: path, path }),
    ) as fc.Arbitrary<PatchOperation>;
    return fc.array(operation, { minLength: 1, maxLength: 5 });
  };

  const fieldsFor = (state: Json): fc.Arbitrary<FieldOperator[]> => {
    const path = pathFor(state);
    const values = fc.array(json, { maxLength: 3 });
    const operator = fc.oneof(
      fc.record({ op: fc.constant("increment"), path, by: fc.integer() }, { requiredKeys: ["op", "path"] }),
      fc.record({ op: fc.constantFrom("union", "remove"), path, values }),
      fc.record({ op: fc.constantFrom("delete", "serverTime"), path }),
      fc.record({ op: fc.constant("put"), path, value: json }),
    ) as fc.Arbitrary<FieldOperator>;
    return fc.array(operator, { minLength: 1, maxLength: 4 });
  };

  const intentFor = (state: Json): fc.Arbitrary<DocumentIntent> =>
    fc.oneof(
      { weight: 1, arbitrary: json.map((value): DocumentIntent => ({ type: "set", value })) },
      { weight: 2, arbitrary: jsonObject.map((value): DocumentIntent => ({ type: "merge", value })) },
      { weight: 3, arbitrary: json.map((patch): DocumentIntent => ({ type: "mergePatch", patch })) },
      { weight: 5, arbitrary: patchFor(state).map((patch): DocumentIntent => ({ type: "jsonPatch", patch })) },
      { weight: 5, arbitrary: fieldsFor(state).map((fields): DocumentIntent => ({ type: "update", fields })) },
    );

  return { json, jsonObject, patchFor, intentFor };
}

/** Pointers to everything in a value, and to some places just beside. */
function pathsOf(value: Json): string[] {
  const paths: string[] = [];
  const walk = (at: Json, tokens: (string | number)[]): void => {
    paths.push(formatPointer(tokens));
    if (typeof at !== "object" || at === null) return;
    if (Array.isArray(at)) paths.push(formatPointer([...tokens, at.length]), formatPointer([...tokens, "-"]));
    else paths.push(formatPointer([...tokens, "new"]));
    for (const [key, item] of Object.entries(at)) walk(item as Json, [...tokens, key]);
  };
  walk(value, []);
  return paths;
}
