import type { Json } from "../../protocol/json.ts";
import type { Refusal } from "../../protocol/refusal.ts";
import type { Context, Draft } from "../kind.ts";
import { apply, type Step } from "./apply.ts";
import { DocumentDraft } from "./draft.ts";
import type { DocumentIntent, DocumentOp } from "./types.ts";

/**
 * A document that takes in intents or ops, many in a row, on one draft. What it weighs nothing for is the room's to
 * refuse, see `WeighedSession`: so a client need not download the scales.
 */
export class DocumentSession implements Draft<Json, DocumentIntent, DocumentOp> {
  protected readonly draft: DocumentDraft;
  /** Decided, and in the draft already. */
  #decided: DocumentOp | undefined;

  constructor(state: Json) {
    this.draft = new DocumentDraft(state);
  }

  begin(): void {}

  decide(intent: DocumentIntent, { now }: Context): readonly DocumentOp[] | Refusal {
    const step = stamp(intent, now);
    return apply(this.draft, step) ?? this.decided(step);
  }

  fold(op: DocumentOp): boolean {
    const decided = this.#decided === op;
    this.#decided = undefined;
    return decided || this.take(op);
  }

  seal(): Json {
    return this.draft.seal();
  }

  /** The op of a step that the draft has taken in. */
  protected decided(step: Step): readonly DocumentOp[] {
    this.#decided = withoutTests(step);
    return [this.#decided];
  }

  /** Takes an op in that was logged. False: it does not fit. */
  protected take(op: DocumentOp): boolean {
    return apply(this.draft, op) === undefined;
  }
}

/** An intent with its times filled in. */
export function stamp(intent: DocumentIntent, now: number): Step {
  if (intent.type !== "update") return intent;
  return {
    type: "update",
    fields: intent.fields.map((field) =>
      field.op === "serverTime" ? { op: "put", path: field.path, value: now } : field,
    ),
  };
}

function withoutTests(step: Step): DocumentOp {
  if (step.type !== "jsonPatch") return step;
  return { type: "jsonPatch", patch: step.patch.filter((operation) => operation.op !== "test") };
}
