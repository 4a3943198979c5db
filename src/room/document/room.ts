import { documentKind } from "../../kinds/document/kind.ts";
import { documentIntents } from "../../kinds/document/intents.ts";
import type { DocumentIntent, DocumentOp, FieldOperator, PatchOperation } from "../../kinds/document/types.ts";
import { jsonDocument } from "../../dialects/json-document/dialect.ts";
import type { Kind } from "../../kinds/kind.ts";
import type { Json, JsonObject, LooseJson } from "../../protocol/json.ts";
import { OPEN, type WriteOptions } from "../api.ts";
import type { AnyDialect } from "../broadcast.ts";
import { RoomError } from "../errors.ts";
import { intentsText } from "../intents-text.ts";
import { Room } from "../room.ts";

const kind: Kind<Json, DocumentIntent, DocumentOp> = { ...documentKind, intents: documentIntents };

/**
 * A live JSON document, as a Durable Object. The Worker's own code calls it by RPC, with full rights:
 *
 * ```ts
 * const { version } = await env.DOCUMENTS.getByName("notes").merge({ title: "Monday" });
 * ```
 *
 * `T` is the shape of the value as the application knows it.
 *
 * Each write resolves with the new version once it is durable, or throws a RoomError.
 */
export class DocumentRoom<T = LooseJson, Env = unknown> extends Room<Json, DocumentIntent, DocumentOp, Env> {
  override readonly kind = kind;
  override readonly dialects: readonly AnyDialect<Json, DocumentOp>[] = [jsonDocument];

  async get(): Promise<{ readonly value: T; readonly version: string }> {
    const { text, version } = await this.readText();
    return { value: JSON.parse(text) as T, version };
  }

  /** Replaces the whole value. */
  set(value: T, options?: WriteOptions): Promise<{ readonly version: string }> {
    return this.transact([{ type: "set", value: value as Json }], options);
  }

  /** Replaces the given top-level keys and keeps the others. */
  merge(value: Partial<T>, options?: WriteOptions): Promise<{ readonly version: string }> {
    return this.transact([{ type: "merge", value: value as JsonObject }], options);
  }

  /** RFC 7396: nested merge; null removes. */
  mergePatch(patch: Json, options?: WriteOptions): Promise<{ readonly version: string }> {
    return this.transact([{ type: "mergePatch", patch }], options);
  }

  /** RFC 6902: all of it or, when a `test` or a path fails, none. */
  patch(operations: readonly PatchOperation[], options?: WriteOptions): Promise<{ readonly version: string }> {
    return this.transact([{ type: "jsonPatch", patch: operations }], options);
  }

  /** Field operators: increment, union, remove, delete, serverTime, put. */
  update(fields: readonly FieldOperator[], options?: WriteOptions): Promise<{ readonly version: string }> {
    return this.transact([{ type: "update", fields }], options);
  }

  /** Several intents as one: all are applied, or none. */
  async transact(intents: readonly DocumentIntent[], options?: WriteOptions): Promise<{ readonly version: string }> {
    const outcome = await this.applyText(intentsText(intents), OPEN, options);
    if (!outcome.ok) throw new RoomError(outcome);
    return { version: outcome.version };
  }
}
