import { tallyKind } from "../../../src/client/fixtures/tally.ts";
import { ChatRoom, createWorker, DocumentRoom, KeptStreamRoom, MapRoom, roomOf } from "../../../src/server.ts";

interface Env {
  readonly DOCUMENTS: DurableObjectNamespace<DocumentRoom>;
  readonly CHATS: DurableObjectNamespace<ChatRoom>;
  readonly MAPS: DurableObjectNamespace<MapRoom>;
  readonly STREAMS: DurableObjectNamespace<Streams>;
  readonly TALLIES: DurableObjectNamespace<Tallies>;
  readonly ARCHIVE: R2Bucket;
}

export class Documents extends DocumentRoom {}
export class Chats extends ChatRoom {}
export class Maps extends MapRoom {}
export class Streams extends KeptStreamRoom<Env> {
  protected override readonly bucket = this.env.ARCHIVE;
}
export class Tallies extends roomOf(tallyKind) {}

/** Rooms of every kind, without rates: the writers of a test have one address. */
export default createWorker<Env>({
  documents: (env) => env.DOCUMENTS,
  chats: (env) => env.CHATS,
  maps: (env) => env.MAPS,
  streams: (env) => env.STREAMS,
  rooms: { tally: (env) => env.TALLIES },
});
