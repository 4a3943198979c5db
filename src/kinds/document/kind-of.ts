import type { Json } from "../../protocol/json.ts";
import { Refusal } from "../../protocol/refusal.ts";
import type { Context, Kind } from "../kind.ts";
import type { DocumentSession } from "./session.ts";
import type { DocumentIntent, DocumentOp } from "./types.ts";

/** The kind of live documents, on sessions of one sort. */
export function kindOf(open: (state: Json) => DocumentSession): Kind<Json, DocumentIntent, DocumentOp> {
  /** The latest decision: who decides folds right after it, and need not do the same work again. */
  let latest: { readonly state: Json; readonly op: DocumentOp; readonly after: Json } | undefined;

  return {
    name: "document",
    version: 1,
    initial: () => ({}),
    decide(state: Json, intent: DocumentIntent, context: Context): readonly DocumentOp[] | Refusal {
      const session = open(state);
      const decided = session.decide(intent, context);
      if (decided instanceof Refusal) return decided;
      const [op] = decided;
      if (op !== undefined) latest = { state, op, after: session.seal() };
      return decided;
    },
    fold(state: Json, op: DocumentOp): Json {
      if (latest?.state === state && latest.op === op) return latest.after;
      const session = open(state);
      // Not for an op that was logged; but a room that cannot wake is worse than one that skips.
      return session.fold(op) ? session.seal() : state;
    },
    draft: open,
  };
}
