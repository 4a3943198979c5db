import * as v from "valibot";
import { defineKind } from "../../../src/kinds/kind.ts";
import { refuse } from "../../../src/protocol/refusal.ts";

export interface LabState {
  readonly values: Readonly<Record<string, string>>;
  /** Ops folded since the beginning. */
  readonly ops: number;
}

/** What a test can make happen in a kind: ops of any size and number, refusals, and faults in each function. */
export type LabIntent =
  | { readonly do: "put"; readonly key: string; readonly value: string }
  | { readonly do: "many"; readonly count: number }
  | { readonly do: "grow"; readonly key: string; readonly units: number }
  | { readonly do: "clock" }
  | { readonly do: "whoami" }
  | { readonly do: "expect"; readonly key: string; readonly value: string }
  | { readonly do: "fault"; readonly in: "shape" | "decide" | "fold" | "json" }
  | { readonly do: "admin" }
  | { readonly do: "nothing" };

export type LabOp = { readonly put: string; readonly value: string } | { readonly fault: unknown };

const intents = v.pipe(
  v.variant("do", [
    v.object({ do: v.literal("put"), key: v.string(), value: v.string() }),
    v.object({ do: v.literal("many"), count: v.number() }),
    v.object({ do: v.literal("grow"), key: v.string(), units: v.number() }),
    v.object({ do: v.literal("clock") }),
    v.object({ do: v.literal("whoami") }),
    v.object({ do: v.literal("expect"), key: v.string(), value: v.string() }),
    v.object({ do: v.literal("fault"), in: v.picklist(["shape", "decide", "fold", "json"]) }),
    v.object({ do: v.literal("admin") }),
    v.object({ do: v.literal("nothing") }),
  ]),
  v.check((intent) => {
    if (intent.do === "fault" && intent.in === "shape") throw new Error("secret of the schema");
    return true;
  }),
);

export const lab = defineKind<LabState, LabIntent, LabOp>({
  name: "lab",
  version: 1,
  initial: () => ({ values: {}, ops: 0 }),
  intents,
  presence: (data) => {
    if ("fault" in data) throw new Error("secret of the presence");
    return data;
  },
  filter: () => () => {
    throw new Error("secret of the filter");
  },
  permission: (intent) => (intent.do === "admin" ? "admin" : "write"),
  decide: (state, intent, context) => {
    switch (intent.do) {
      case "put":
        return [{ put: intent.key, value: intent.value }];
      case "many":
        return Array.from({ length: intent.count }, (_, n) => ({ put: `many${n}`, value: String(state.ops + n) }));
      case "grow":
        return [{ put: intent.key, value: "€".repeat(intent.units) }];
      case "clock":
        return [{ put: "clock", value: String(context.now) }];
      case "whoami":
        return [{ put: "whoami", value: JSON.stringify({ by: context.by, user: context.user, can: context.can }) }];
      case "expect": {
        const { key, value } = intent;
        return state.values[key] === value ? [] : refuse("conflict", `Not ${value}.`, { path: `/values/${key}` });
      }
      case "fault":
        if (intent.in === "fold") return [{ fault: 1 }];
        if (intent.in === "json")
          return [
            { put: "before", value: "the fault" },
            { put: "big", value: 1n as never },
          ];
        throw new Error("secret of the decision");
      case "admin":
        return [{ put: "admin", value: "was here" }];
      case "nothing":
        return [];
    }
  },
  fold: (state, op) => {
    if ("fault" in op) throw new Error("secret of the fold");
    return { values: { ...state.values, [op.put]: op.value }, ops: state.ops + 1 };
  },
});
