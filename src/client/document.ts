import type { Kind } from "../kinds/kind.ts";
import { predictedDocument } from "../kinds/document/predicted.ts";
import type { DocumentIntent, DocumentOp, FieldOperator, PatchOperation } from "../kinds/document/types.ts";
import type { Json, JsonInput } from "../protocol/json.ts";
import type { Place } from "./address.ts";
import { RoomHandle } from "./room.ts";
import type { ConnectOptions, DocumentHandle, DocumentValue, MutateOptions } from "./types.ts";

/** What callers may hand over: `mutate` checks that it is JSON. */
type Intent = DocumentIntent<JsonInput, object>;

export class DocumentRoom<T, Data extends object>
  extends RoomHandle<Json, Intent, DocumentOp, Data>
  implements DocumentHandle<T, Data>
{
  constructor(id: string, place: Place, options: ConnectOptions) {
    super(predictedDocument as unknown as Kind<Json, Intent, DocumentOp>, id, place, options);
  }

  get value(): DocumentValue<T> | undefined {
    return this.state as DocumentValue<T> | undefined;
  }

  set(value: unknown, options?: MutateOptions): Promise<void> {
    return this.mutate({ type: "set", value: value as JsonInput }, options);
  }

  merge(value: object, options?: MutateOptions): Promise<void> {
    return this.mutate({ type: "merge", value }, options);
  }

  mergePatch(patch: JsonInput, options?: MutateOptions): Promise<void> {
    return this.mutate({ type: "mergePatch", patch }, options);
  }

  patch(operations: readonly PatchOperation<JsonInput>[], options?: MutateOptions): Promise<void> {
    return this.mutate({ type: "jsonPatch", patch: operations }, options);
  }

  update(fields: readonly FieldOperator<JsonInput>[], options?: MutateOptions): Promise<void> {
    return this.mutate({ type: "update", fields }, options);
  }
}
