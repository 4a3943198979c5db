import { replay, type ReplayOptions } from "../../testing/index.ts";
import type { Json } from "../../protocol/json.ts";
import type { Kind } from "../kind.ts";
import { documentIntents } from "./intents.ts";
import { documentKind } from "./kind.ts";
import type { DocumentIntent, DocumentOp } from "./types.ts";

/** The kind as the room has it. For this folder's tests. */
export const checkedDocument: Kind<Json, DocumentIntent, DocumentOp> = { ...documentKind, intents: documentIntents };

export interface Tried {
  readonly state: Json;
  readonly ops: readonly DocumentOp[];
  /** `code path` of the refusal, or `code`; undefined when there was none. */
  readonly refused: string | undefined;
}

/** One intent, as `JSON.parse` might give it, on a state. A kind that writes into that state throws. */
export function tryDocument(state: Json, intent: unknown, options: ReplayOptions<Json> = {}): Tried {
  freeze(state);
  const result = replay(checkedDocument, [intent as DocumentIntent], { ...options, state });
  const refusal = result.refusals[0]?.refusal;
  const path = refusal?.place.path;
  return {
    state: result.state,
    ops: result.ops,
    refused: refusal && (path === undefined ? refusal.code : `${refusal.code} ${path}`),
  };
}

function freeze(value: Json): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const item of Object.values(value)) freeze(item);
}
