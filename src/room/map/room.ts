import { mapPin } from "../../dialects/map-pin/index.ts";
import { wellFormedJson } from "../../kinds/json/well-formed.ts";
import { mapIntents } from "../../kinds/map/intents.ts";
import { mapKind } from "../../kinds/map/kind.ts";
import { MAP_LIMITS, type MapLimits } from "../../kinds/map/limits.ts";
import type { ImportedFeature, MapIntent, MapOp, MapState } from "../../kinds/map/types.ts";
import type { Kind } from "../../kinds/kind.ts";
import { Refusal, refuse } from "../../protocol/refusal.ts";
import { admitIntents } from "../admit.ts";
import { OPEN, type Admission, type Outcome, type WriteOptions } from "../api.ts";
import type { AnyDialect } from "../broadcast.ts";
import { utf8Length } from "../bytes.ts";
import { toFailed } from "../commits.ts";
import { unfitKey, unmet } from "../conditions.ts";
import { RoomError } from "../errors.ts";
import { intentsText } from "../intents-text.ts";
import { keyName } from "../receipts.ts";
import type { MapApi } from "./api.ts";
import { Room } from "../room.ts";

/** The intent around a list of features takes this much more. */
const WRAPPING = 64;

/**
 * A collaborative map, as a Durable Object. The Worker's own code calls it by RPC, with full rights:
 *
 * ```ts
 * await env.MAPS.getByName("paris").change([{ type: "setPin", at: [2.3522, 48.8566] }]);
 * ```
 */
export class MapRoom<Env = unknown> extends Room<MapState, MapIntent, MapOp, Env> implements MapApi {
  /** Changes to what a map takes. */
  readonly mapLimits: Partial<MapLimits> = {};
  override readonly dialects: readonly AnyDialect<MapState, MapOp>[] = [mapPin];

  #kind: Kind<MapState, MapIntent, MapOp> | undefined;

  /** Made when it is first asked for: then a subclass's limits are there. */
  override get kind(): Kind<MapState, MapIntent, MapOp> {
    this.#kind ??= { ...mapKind(this.mapLimits), intents: mapIntents };
    return this.#kind;
  }

  /** Several intents as one: all are applied, or none. Resolves once they are durable, or throws a RoomError. */
  async change(intents: readonly MapIntent[], options?: WriteOptions): Promise<{ readonly version: string }> {
    const outcome = await this.applyText(intentsText(intents), OPEN, options);
    if (!outcome.ok) throw new RoomError(outcome);
    return { version: outcome.version };
  }

  importLimits(): Promise<MapLimits> {
    return Promise.resolve({ ...MAP_LIMITS, ...this.mapLimits });
  }

  async importText(text: string, admission: Admission, options: WriteOptions = {}): Promise<Outcome> {
    const reserved = this.reserveTokens(admission);
    if (reserved !== undefined) await reserved;
    const features = JSON.parse(wellFormedJson(text)) as readonly ImportedFeature[];
    return this.storing(() => this.#import(features, admission, options));
  }

  async #import(features: readonly ImportedFeature[], admission: Admission, options: WriteOptions): Promise<Outcome> {
    const { commits, ledger, limits } = this.engine;
    commits.settle();
    const unfit = unfitKey(options);
    if (unfit !== undefined) return toFailed(unfit);
    const { idempotencyKey: key } = options;
    if (key !== undefined && ledger.receipts.standing(keyName(admission.user?.id, key), 1) === "applied") {
      return { ok: true, version: ledger.version };
    }
    const refusal = unmet(options, ledger.standing) ?? this.#foresee(features, admission);
    if (refusal !== undefined) return this.overRate(admission) ?? toFailed(refusal);
    // Written in one turn, which the platform stores whole or not at all; a mutation each, as a log row has its limit.
    const parts = partsOf(features, limits.intentBytes - WRAPPING);
    if (parts.length === 0) return { ok: true, version: ledger.version };
    const over = this.overRate(admission, parts.length);
    if (over !== undefined) return over;
    // Counted already: of parts that were counted one by one, the rate might refuse the last.
    const { address: _, ...uncounted } = admission;
    const outcomes = parts.map((part, index) => {
      // The last has the key itself, so that a key is only known once all is there.
      const name = key === undefined || index === parts.length - 1 ? key : `${key}#${index}`;
      const once = name === undefined ? {} : { idempotencyKey: name };
      return this.enter(`[{"type":"import","features":[${part.join(",")}]}]`, uncounted, once);
    });
    const written = await Promise.all(outcomes);
    return written.find((outcome) => !outcome.ok) ?? written.at(-1) ?? { ok: true, version: ledger.version };
  }

  async becomeCopy(state: string, admission: Admission): Promise<Outcome> {
    const reserved = this.reserveTokens(admission);
    if (reserved !== undefined) await reserved;
    // Whose changes can be undone is told by numbers of the other's log.
    const copy: MapState = { ...(JSON.parse(wellFormedJson(state)) as MapState), undo: {} };
    return this.storing(() => {
      const { commits, ledger } = this.engine;
      commits.settle();
      if (ledger.blank) return this.adopt(copy, "restored", admission);
      return toFailed(refuse("conflict", "That map is not new: something was written to it."));
    });
  }

  /** Why an import would be refused, before any part of it is written. */
  #foresee(features: readonly ImportedFeature[], { can, user }: Admission): Refusal | undefined {
    const { ledger, limits } = this.engine;
    // A list may be longer than one mutation may have bytes; everything else of its admission holds.
    const admitted = admitIntents(this.kind, limits, can, [{ type: "import", features }]);
    const [intent] = admitted instanceof Refusal ? [] : admitted;
    if (admitted instanceof Refusal || intent === undefined) return admitted instanceof Refusal ? admitted : undefined;
    let id = 0;
    const decided = this.kind.decide(ledger.state, intent, {
      now: ledger.now(),
      // As long as a real one.
      id: () => String((id += 1)).padStart(16, "0"),
      ...(user === undefined ? {} : { user }),
      can,
      seq: ledger.position.seq + 1,
      limits,
    });
    if (decided instanceof Refusal) return decided;
    const tooLong = features.findIndex((feature) => sizeOf(feature) > limits.intentBytes - WRAPPING);
    if (tooLong === -1) return undefined;
    return refuse("too_large", "A feature is larger than one mutation may be.", { path: `/features/${tooLong}` });
  }
}

function sizeOf(feature: ImportedFeature): number {
  return utf8Length(JSON.stringify(feature));
}

/** Features as JSON, in lists that fit one mutation each. */
function partsOf(features: readonly ImportedFeature[], bytes: number): readonly (readonly string[])[] {
  const parts: string[][] = [];
  let room = 0;
  for (const feature of features) {
    const text = JSON.stringify(feature);
    const size = utf8Length(text) + 1;
    let part = parts.at(-1);
    if (part === undefined || size > room) {
      part = [];
      parts.push(part);
      room = bytes;
    }
    part.push(text);
    room -= size;
  }
  return parts;
}
