import { defineKind, refuse } from "roomcast/kind";

interface Stock {
  readonly left: number;
}

export const tickets = defineKind({
  name: "tickets",
  version: 1,
  initial: (): Stock => ({ left: 3 }),
  decide: (stock, intent: { readonly take: number }) =>
    intent.take > stock.left ? refuse("conflict", `Only ${stock.left} left.`) : [{ taken: intent.take }],
  fold: (stock, op: { readonly taken: number }) => ({ left: stock.left - op.taken }),
});
