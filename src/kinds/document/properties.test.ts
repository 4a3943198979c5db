import * as fc from "fast-check";
import { applyPatch, Pointer } from "rfc6902";
import { describe, expect, test } from "vitest";
import type { Json } from "../../protocol/json.ts";
import { DEFAULT_LIMITS } from "../../protocol/limits.ts";
import { Refusal } from "../../protocol/refusal.ts";
import { checkKind, replay } from "../../testing/index.ts";
import { equal } from "../json/equal.ts";
import { tame, wild } from "./arbitraries.ts";
import { documentKind } from "./kind.ts";
import { checkedDocument, tryDocument } from "./try-document.ts";
import type { DocumentIntent, DocumentOp, PatchOperation } from "./types.ts";

const context = { now: 1_700_000_000_000, id: () => "", can: [], seq: 1, limits: DEFAULT_LIMITS };

/** Where that takes more than RFC 6902 allows, see `stricter`. It refuses the keys that are not tame. */
describe("JSON Patch does what the rfc6902 package does", () => {
  test("D2 the same state, or a refusal where it finds a fault", () => {
    let applied = 0;
    let refused = 0;
    fc.assert(
      fc.property(tame.jsonObject, fc.gen(), (state, gen) => {
        const patch = gen(tame.patchFor, state);
        const reference = referenceFor(state, patch);
        const result = tryDocument(state, { type: "jsonPatch", patch });
        if (result.refused === undefined) applied += 1;
        else refused += 1;
        expect(
          result.refused === undefined
            ? reference !== FAULT && equal(result.state, reference as Json)
            : reference === FAULT || stricter(patch),
        ).toBe(true);
      }),
      { numRuns: 1000 },
    );
    expect(applied).toBeGreaterThan(100);
    expect(refused).toBeGreaterThan(100);
  });

  /** What RFC 6902 forbids and the package does: an index that is none, a move into itself, no root at all. */
  function stricter(patch: readonly { readonly op: string; readonly path: string; readonly from?: string }[]): boolean {
    return patch.some(
      ({ op, path, from }) =>
        (op === "remove" && path === "") ||
        (from !== undefined && path.startsWith(`${from}/`)) ||
        (op === "move" && from === "") ||
        /\/(-|[^/]*[^0-9/][^/]*|0\d+)?(\/|$)/.test(path) ||
        /\/(-|[^/]*[^0-9/][^/]*|0\d+)?(\/|$)/.test(from ?? ""),
    );
  }
});

describe("decide and fold", () => {
  const history = fc.tuple(wild.jsonObject, fc.gen()).map(([start, gen]) => {
    let state: Json = start;
    const intents: DocumentIntent[] = [];
    for (let count = gen(fc.integer, { min: 1, max: 8 }); count > 0; count -= 1) {
      const intent: DocumentIntent = gen(wild.intentFor, state);
      intents.push(intent);
      state = replay(documentKind, [intent], { state }).state;
    }
    return { start, intents };
  });

  test("change nothing they are given, agree with themselves, and are rebuilt from their log as text", () => {
    let ops = 0;
    fc.assert(
      fc.property(history, ({ start, intents }) => {
        ops += checkKind(checkedDocument, { state: start, intents }).ops.length;
      }),
      { numRuns: 250 },
    );
    expect(ops).toBeGreaterThan(250);
  });

  test("D6 an op is logged exactly when the state changes", () => {
    fc.assert(
      fc.property(wild.jsonObject, fc.gen(), (state, gen) => {
        const ops = documentKind.decide(state, gen(wild.intentFor, state), context);
        if (ops instanceof Refusal) return;
        const after = ops.reduce(documentKind.fold, state);
        expect(ops.length > 0).toBe(!equal(state, after));
      }),
      { numRuns: 600 },
    );
  });

  test("D2 a merge patch equals the one made as its inverse would be read: b from a by a full diff", () => {
    const noNull = (value: Json): boolean => !JSON.stringify(value).includes("null");
    const diff = (from: Json, to: Json): Json => {
      if (!isRecord(from) || !isRecord(to)) return to;
      const keys = new Set([...Object.keys(from), ...Object.keys(to)]);
      return Object.fromEntries(
        [...keys]
          .filter((key) => !(Object.hasOwn(from, key) && Object.hasOwn(to, key) && equal(from[key], to[key])))
          .map((key) => {
            if (!Object.hasOwn(to, key)) return [key, null];
            return [key, Object.hasOwn(from, key) ? diff(from[key] ?? null, to[key] ?? null) : (to[key] ?? null)];
          }),
      );
    };
    fc.assert(
      fc.property(wild.json, wild.json, (from, to) => {
        fc.pre(noNull(to));
        const { state } = tryDocument(from, { type: "mergePatch", patch: diff(from, to) });
        expect(equal(state, to)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test("fold takes an op that does not fit, rather than keep a room from waking", () => {
    const op: DocumentOp = { type: "jsonPatch", patch: [{ op: "remove", path: "/gone" }] };
    const state = { a: 1 };
    expect(documentKind.fold(state, op)).toBe(state);
  });
});

describe("what an op does not touch keeps its identity", () => {
  const state = { a: { x: { deep: 1 }, y: { other: [1] } }, l: [{ n: 1 }, { n: 2 }], z: {} };

  test.each<[string, DocumentIntent]>([
    ["merge", { type: "merge", value: { a: { x: { deep: 1 }, y: { other: [1] } }, b: 1 } }],
    ["merge patch", { type: "mergePatch", patch: { b: 1, a: { y: { other: [1] } } } }],
    ["patch", { type: "jsonPatch", patch: [{ op: "add", path: "/b", value: 1 }] }],
    [
      "replacing by the same",
      {
        type: "jsonPatch",
        patch: [
          { op: "replace", path: "/z", value: {} },
          { op: "add", path: "/b", value: 1 },
        ],
      },
    ],
    [
      "update",
      {
        type: "update",
        fields: [
          { op: "put", path: "/b", value: 1 },
          { op: "put", path: "/a/x", value: { deep: 1 } },
        ],
      },
    ],
    [
      "update of nothing",
      {
        type: "update",
        fields: [
          { op: "put", path: "/b", value: 1 },
          { op: "delete", path: "/a/none" },
          { op: "union", path: "/l", values: [{ n: 2 }] },
        ],
      },
    ],
  ])("%s", (_title, intent) => {
    const after = tryDocument(state, intent).state;
    expect(after).toEqual({ ...state, b: 1 });
    expect(isRecord(after) && after["a"] === state.a && after["l"] === state.l && after["z"] === state.z).toBe(true);
  });

  test("only the way to the change is new", () => {
    const intent: DocumentIntent = { type: "update", fields: [{ op: "increment", path: "/l/0/n" }] };
    const after = tryDocument(state, intent).state as typeof state;
    expect(after.l).toEqual([{ n: 2 }, { n: 2 }]);
    expect(after.a).toBe(state.a);
    expect(after.l[1]).toBe(state.l[1]);
    expect(after.l).not.toBe(state.l);
  });

  test("a large document is not measured again for a small change", () => {
    let looks = 0;
    const watched = new Proxy(
      { big: "x".repeat(1000) },
      { ownKeys: (target) => ((looks += 1), Reflect.ownKeys(target)) },
    );
    let now: Json = { watched, n: 0 };
    const step = (): void => {
      const ops = documentKind.decide(now, { type: "update", fields: [{ op: "increment", path: "/n" }] }, context);
      if (ops instanceof Refusal) throw new Error(ops.message);
      now = structuredClone(ops).reduce(documentKind.fold, now);
    };
    step();
    const first = looks;
    expect(first).toBeGreaterThan(0);
    for (let count = 0; count < 10; count += 1) step();
    expect(looks).toBe(first);
  });
});

const FAULT = Symbol("fault");

/**
 * What the rfc6902 package makes of it, a step at a time. It resolves both ends of a move before it removes, which
 * goes wrong within an array: RFC 6902 says a move is a removal followed by an addition, so that is what it gets.
 * It throws, besides returning faults, when it meets a scalar on its way, and finds characters in a string.
 */
function referenceFor(state: Json, patch: readonly PatchOperation[]): unknown {
  // Under a key, so that operations on the root are operations on a member.
  const target = { document: structuredClone(state) as unknown };
  const run = (operation: PatchOperation): boolean =>
    applyPatch(target, [structuredClone(operation)] as Parameters<typeof applyPatch>[1])[0] === null;
  const under = (path: string): string => `/document${path}`;
  const inText = (path: string): boolean =>
    typeof Pointer.fromJSON(path.slice(0, path.lastIndexOf("/"))).get(target) === "string";
  try {
    const fine = patch.every((operation) => {
      const path = under(operation.path);
      if (inText(path)) return false;
      if (operation.op !== "move" && operation.op !== "copy") return run({ ...operation, path });
      const from = under(operation.from);
      if (inText(from)) return false;
      if (operation.op === "copy" || from === path) return run({ op: operation.op, from, path });
      const value = structuredClone(Pointer.fromJSON(from).get(target)) as Json | undefined;
      return value !== undefined && run({ op: "remove", path: from }) && run({ op: "add", path, value });
    });
    return fine ? target.document : FAULT;
  } catch {
    return FAULT;
  }
}

function isRecord(value: Json): value is Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
