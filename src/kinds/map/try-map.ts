import { DEFAULT_LIMITS } from "../../protocol/limits.ts";
import { Refusal } from "../../protocol/refusal.ts";
import type { User } from "../../protocol/user.ts";
import { featureOf } from "./features.ts";
import { mapIntents } from "./intents.ts";
import { mapKind } from "./kind.ts";
import type { MapLimits } from "./limits.ts";
import type { Feature, MapIntent, MapOp, MapState } from "./types.ts";

/** A map as its room has it, for tests: intents are checked, decided and folded, and the log can be read. */
export class TryMap {
  readonly kind: ReturnType<typeof mapKind>;
  readonly log: MapOp[] = [];
  state: MapState;
  #ids = 0;

  constructor(limits: Partial<MapLimits> = {}) {
    this.kind = mapKind(limits);
    this.state = this.kind.initial();
  }

  /** What became of an intent: its ops, or the code of its refusal. */
  do(by: string | undefined, given: unknown, more: { readonly user?: User } = {}): readonly MapOp[] | string {
    const checked = mapIntents["~standard"].validate(given);
    if (checked instanceof Promise || checked.issues !== undefined) return "bad_intent";
    const decided = this.decide(by, checked.value, more);
    if (decided instanceof Refusal) return decided.code;
    // As a wake or a client has it: through text.
    for (const op of structuredClone(decided)) {
      this.state = this.kind.fold(this.state, op);
      this.log.push(op);
    }
    return decided;
  }

  decide(by: string | undefined, intent: MapIntent, more: { readonly user?: User } = {}): readonly MapOp[] | Refusal {
    return this.kind.decide(this.state, intent, {
      now: 1_000 + this.log.length,
      id: () => `id${(this.#ids += 1)}`,
      ...(by === undefined ? {} : { by }),
      ...more,
      can: ["read", "write"],
      limits: { ...DEFAULT_LIMITS, ...this.kind.limits },
      seq: this.log.length + 1,
      read: (seq) => this.log[seq - 1],
    });
  }

  feature(id: string): Feature | undefined {
    return featureOf(this.state, id);
  }
}
