import { ChatRoom } from "../../src/room/chat/room.ts";
import { DocumentRoom } from "../../src/room/document/room.ts";
import { MapRoom } from "../../src/room/map/room.ts";
import type { Limits } from "../../src/protocol/limits.ts";
import { defineKind } from "../../src/kinds/kind.ts";
import { Room } from "../../src/room/room.ts";
import { StreamRoom } from "../../src/room/stream/room.ts";
import { counter } from "./kinds/counter.ts";
import { faulty } from "./kinds/faulty.ts";
import { feed } from "./kinds/feed.ts";
import { lab, type LabIntent, type LabOp, type LabState } from "./kinds/lab.ts";

type Count = { readonly count: number };
type Add = { readonly add: number };

export class Counters extends Room<Count, Add, Add> {
  override readonly kind = counter;
}

/** Its kind has no schema: whatever JSON a client sends comes to `decide`. */
export class Unchecked extends Room<Count, { readonly at: Add }, Add> {
  override readonly kind = defineKind({
    name: "unchecked",
    version: 1,
    initial: (): Count => ({ count: 0 }),
    decide: (_: Count, { at }: { readonly at: Add }) => [{ add: at.add.valueOf() }],
    fold: ({ count }, { add }: Add) => ({ count: count + add }),
  });
}

/** Keeps little, so that retention and reset can be seen with few ops. */
export class ShortCounters extends Counters {
  override readonly retention = { ops: 10 };
  override readonly limits = { connections: 3, versions: 2, intents: 3 };
}

/** Five at once, then one in five seconds: soon over the rate. */
export class Rated extends Counters {
  override readonly rates = { counter: { burst: 5, every: 5_000 } };
}

export class Documents extends DocumentRoom {}

export class Chats extends ChatRoom {}

/** Keeps few ops, and short names and texts. */
export class ShortChats extends ChatRoom {
  override readonly retention = { ops: 20 };
  override readonly chatLimits = { name: 5, message: 10 };
}

export class Maps extends MapRoom {}

/** Limits that a short test can reach. */
export class SmallMaps extends MapRoom {
  override readonly mapLimits = {
    features: 5,
    vertices: 20,
    featureVertices: 8,
    title: 10,
    note: 20,
    metadataBytes: 50,
  };
  override readonly limits = { intentBytes: 600, stateBytes: 4_000 };
  override readonly rates = { map: { burst: 3, every: 60_000 } };
}

export class Labs extends Room<LabState, LabIntent, LabOp> {
  override readonly kind = lab;
  override readonly dialects = [faulty];
  /** More presence than the room can keep of a connection, as an application may allow by mistake. */
  override readonly limits: Partial<Limits> = { presenceBytes: 32 * 1024 };
}

/** Limits that a short test can reach. */
export class SmallLabs extends Labs {
  override readonly limits = { intentBytes: 1_000, frameBytes: 4_000, depth: 4, intents: 3, presenceBytes: 200 };
}

type Entry = { readonly text: string };

export class Feeds extends Room<Count, Entry, Entry> {
  override readonly kind = feed;
}

/** Forgets soon, so that one who stalls can be left behind. */
export class ShortFeeds extends Feeds {
  override readonly retention = { ops: 10 };
}

export class Streams extends StreamRoom<Cloudflare.Env> {
  protected override sibling(name: string) {
    return this.env.STREAMS.getByName(name);
  }
}

/** Forgets soon. */
export class ShortStreams extends StreamRoom {
  override readonly retention = { ops: 10 };
}
