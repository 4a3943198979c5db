import { predictedDocument } from "../kinds/document/predicted.ts";
import type { DocumentIntent, DocumentOp, FieldOperator, PatchOperation } from "../kinds/document/types.ts";
import type { Kind } from "../kinds/kind.ts";
import type { Json, JsonObject } from "../protocol/json.ts";
import type { Place } from "./address.ts";
import { RoomHandle } from "./room.ts";
import type { ConnectOptions, DocumentHandle, MutateOptions } from "./types.ts";

export class DocumentRoom<T, Data extends JsonObject>
  extends RoomHandle<Json, DocumentIntent, DocumentOp, Data>
  implements DocumentHandle<T, Data>
{
  constructor(id: string, place: Place, options: ConnectOptions) {
    super(predictedDocument as Kind<Json, DocumentIntent, DocumentOp>, id, place, options);
  }

  get value(): T | undefined {
    return this.state as T | undefined;
  }

  set(value: T, options?: MutateOptions): Promise<void> {
    return this.mutate({ type: "set", value: value as Json }, options);
  }

  merge(value: Partial<T>, options?: MutateOptions): Promise<void> {
    return this.mutate({ type: "merge", value: value as JsonObject }, options);
  }

  mergePatch(patch: Json, options?: MutateOptions): Promise<void> {
    return this.mutate({ type: "mergePatch", patch }, options);
  }

  patch(operations: readonly PatchOperation[], options?: MutateOptions): Promise<void> {
    return this.mutate({ type: "jsonPatch", patch: operations }, options);
  }

  update(fields: readonly FieldOperator[], options?: MutateOptions): Promise<void> {
    return this.mutate({ type: "update", fields }, options);
  }
}
