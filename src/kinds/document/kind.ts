import type { Json } from "../../protocol/json.ts";
import type { Context, Kind } from "../kind.ts";
import { Refusal } from "../../protocol/refusal.ts";
import { DocumentSession } from "./session.ts";
import type { DocumentIntent, DocumentOp } from "./types.ts";

/** The latest decision: who decides folds right after it, and need not do the same work again. */
let latest: { readonly state: Json; readonly op: DocumentOp; readonly after: Json } | undefined;

function decide(state: Json, intent: DocumentIntent, context: Context): readonly DocumentOp[] | Refusal {
  const session = new DocumentSession(state);
  const decided = session.decide(intent, context);
  if (decided instanceof Refusal) return decided;
  const [op] = decided;
  if (op !== undefined) latest = { state, op, after: session.seal() };
  return decided;
}

function fold(state: Json, op: DocumentOp): Json {
  if (latest?.state === state && latest.op === op) return latest.after;
  const session = new DocumentSession(state);
  // Not for an op that was logged; but a room that cannot wake is worse than one that skips.
  return session.fold(op) ? session.seal() : state;
}

/**
 * A live document: one JSON value, `{}` at first. Intents are checked in the room against `documentIntents`,
 * which stands apart so that clients need not download it.
 *
 * Refusals: `conflict` with the path of the operation that does not fit the state, `too_deep`, `too_large`.
 */
export const documentKind: Kind<Json, DocumentIntent, DocumentOp> = {
  name: "document",
  version: 1,
  initial: () => ({}),
  decide,
  fold,
  draft: (state) => new DocumentSession(state),
};
