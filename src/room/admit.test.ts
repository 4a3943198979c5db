import { expect, test } from "vitest";
import { counter } from "../../test/worker/kinds/counter.ts";
import { lab } from "../../test/worker/kinds/lab.ts";
import { DEFAULT_LIMITS } from "../protocol/limits.ts";
import { Refusal } from "../protocol/refusal.ts";
import type { Permission } from "../protocol/user.ts";
import { admitIntents } from "./admit.ts";

const limits = { ...DEFAULT_LIMITS, depth: 4, intents: 3 };

function admit(intents: readonly unknown[], can: readonly Permission[] = ["write"]): unknown {
  const admitted = admitIntents(lab, limits, can, intents);
  return admitted instanceof Refusal ? { code: admitted.code, ...admitted.place } : admitted;
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let n = 0; n < depth; n += 1) value = [value];
  return value;
}

const put = { do: "put", key: "a", value: "b" };

test("A4 intents that fit are handed on as the schema gives them", () => {
  expect(admit([put, { do: "nothing", more: 1 }])).toEqual([put, { do: "nothing" }]);
});

test.each([
  ["A4 none at all", [], { code: "bad_message" }],
  ["A4 too many", [put, put, put, put], { code: "too_large" }],
  ["A4 one too deep", [put, { ...put, value: nested(9) }], { code: "too_deep", intent: 1 }],
  ["A4 deeper than any stack", [nested(200_000)], { code: "too_deep", intent: 0 }],
  ["A4 not one of the kind's", [put, { do: "dance" }], { code: "bad_intent", intent: 1, path: "/do" }],
  ["A4 a field of the wrong type", [{ ...put, value: 1 }], { code: "bad_intent", intent: 0, path: "/value" }],
  ["A4 not an object", [7], { code: "bad_intent", intent: 0 }],
  ["A4 not permitted", [put, { do: "admin" }], { code: "forbidden", intent: 1 }],
])("%s is refused, and the intent at fault is named", (_, intents, refusal) => {
  expect(admit(intents)).toEqual(refusal);
});

test("A4 depth comes before shape, and shape before permission", () => {
  expect(admit([{ do: "dance", deep: nested(9) }], [])).toMatchObject({ code: "too_deep" });
  expect(admit([{ do: "dance" }], [])).toMatchObject({ code: "bad_intent" });
  expect(admit([put], ["read"])).toMatchObject({ code: "forbidden" });
  expect(admit([{ do: "admin" }], ["admin"])).toEqual([{ do: "admin" }]);
});

test("A4 the path to a fault is a JSON Pointer, escaped", () => {
  const kind = {
    ...counter,
    intents: {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: () => ({ issues: [{ message: "No.", path: ["a/b", { key: "c~d" }, 0] }] }),
      },
    },
  } as const;
  expect(admitIntents(kind, limits, ["write"], [1])).toMatchObject({ place: { path: "/a~1b/c~0d/0" } });
});

test("A8 a schema that answers later is a fault of the kind", () => {
  const kind = {
    ...counter,
    intents: { "~standard": { version: 1, vendor: "test", validate: async () => ({ value: { add: 1 } }) } },
  } as const;
  expect(() => admitIntents(kind, limits, ["write"], [1])).toThrow(/asynchronous/);
});
