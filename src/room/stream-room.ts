import { streamKind } from "../kinds/stream/kind.ts";
import type { StreamIntent, StreamOp, StreamState } from "../kinds/stream/types.ts";
import { refuse } from "../protocol/refusal.ts";
import type { Admission, Failed } from "./api.ts";
import { toFailed } from "./commits.ts";
import { Room } from "./room.ts";
import type { Published, PublishOptions, StreamApi, StreamPageRequest } from "./stream-api.ts";

/** One run of ops as an archive gives it back: what the log's row had. */
export interface ArchivedRun {
  readonly first: number;
  readonly last: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The `ops` message. */
  readonly body: string;
}

/** A stream of events, as a Durable Object. */
export class StreamRoom<Env = unknown> extends Room<StreamState, StreamIntent, StreamOp, Env> implements StreamApi {
  override readonly kind = streamKind;

  async publish(
    _lines: string,
    _admission: Admission,
    _options: PublishOptions = {},
  ): Promise<Published | Failed> {
    return toFailed(refuse("internal", "Not yet."));
  }

  async page(_asked: StreamPageRequest): Promise<{ readonly text: string } | Failed> {
    return toFailed(refuse("internal", "Not yet."));
  }

  /** The oldest event that `fromArchive` can give; Infinity for none. Between it and the log's oldest nothing may be missing. */
  protected archivedFrom(): number {
    return Infinity;
  }

  /**
   * Runs that hold the events after `after`, oldest first, without a gap, at least one and about 128 Ki units of them.
   * Undefined when the archive has not got them after all; what it rejects with is tried again by the reader.
   */
  protected async fromArchive(_after: number): Promise<readonly ArchivedRun[] | undefined> {
    return undefined;
  }
}
