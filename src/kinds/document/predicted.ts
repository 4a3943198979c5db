import type { Json } from "../../protocol/json.ts";
import type { Kind } from "../kind.ts";
import { DocumentSession } from "./session.ts";
import type { DocumentIntent, DocumentOp } from "./types.ts";

const draft = (state: Json): DocumentSession => new DocumentSession(state);

/**
 * A live document as a client predicts it. It comes to the same as `documentKind` where that takes an intent; what is
 * too deep or too large only the room refuses, and what changes nothing is only there known to be nothing. Of a kind it has
 * what a client uses: with a `draft`, that is neither `initial` nor `fold`.
 */
export const predictedDocument: Pick<
  Kind<Json, DocumentIntent, DocumentOp>,
  "name" | "version" | "decide" | "draft"
> = {
  name: "document",
  version: 1,
  decide: (state, intent, context) => draft(state).decide(intent, context),
  draft,
};
