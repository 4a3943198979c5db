import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { asciiJson } from "../../src/edge/admission.ts";
import { SUBPROTOCOL } from "../../src/protocol/version.ts";
import { DIALECT_HEADER, PARAMS_HEADER } from "../../src/room/api.ts";
import { Peer } from "./peer.ts";
import { sleep } from "./sleep.ts";

// A budget refills with time, however slow the machine is.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Room for a hundred messages that come to nothing. */
const WORK = 2_500;
const MORE_THAN_ENOUGH = 150;

type Stub = DurableObjectStub;

/** Changes the limit of a room before it looks. To be called again after a sleep. */
async function limit(room: Stub): Promise<void> {
  await runInDurableObject(room, (instance) => {
    Object.assign(instance, { limits: { work: WORK } });
  });
}

let names = 0;
async function fresh(namespace: { getByName(name: string): Stub }): Promise<Stub> {
  const room = namespace.getByName(`flood-${(names += 1)}`);
  await limit(room);
  return room;
}

const json = (value: unknown): string => JSON.stringify(value);
const merge = { type: "merge", value: { a: 1 } };

interface Flood {
  readonly namespace: () => { getByName(name: string): Stub };
  /** Undefined for the native one. */
  readonly dialect?: string;
  readonly frame: string | ArrayBuffer;
}

const documents = () => env.DOCUMENTS;
const FLOODS: Readonly<Record<string, Flood>> = {
  "a mutation under the same number": {
    namespace: documents,
    frame: json({ t: "mutate", m: 1, intents: [merge] }),
  },
  "mutations that are refused": { namespace: documents, frame: json({ t: "mutate", m: 1, intents: [{ type: "?" }] }) },
  "malformed mutations": { namespace: documents, frame: json({ t: "mutate", m: 1 }) },
  "mutations without an op": {
    namespace: () => env.LABS,
    frame: json({ t: "mutate", m: 1, intents: [{ type: "?" }] }),
  },
  "answers to no mark": { namespace: documents, frame: json({ t: "ack", n: 1 }) },
  presence: { namespace: documents, frame: json({ t: "presence", data: { a: 1 } }) },
  "pings of older clients": { namespace: documents, frame: "ping" },
  "line chat": { namespace: () => env.CHATS, dialect: "line-chat", frame: "x" },
  "JSON chat": { namespace: () => env.CHATS, dialect: "json-chat", frame: "x" },
  "JSON documents": { namespace: documents, dialect: "json-document", frame: "x" },
  "binary frames": { namespace: documents, dialect: "json-document", frame: new ArrayBuffer(1) },
  "raw events": { namespace: () => env.STREAMS, dialect: "raw-events", frame: "x" },
  "one-pin maps": { namespace: () => env.MAPS, dialect: "map-pin", frame: json({ type: "ping" }) },
};

async function connect(room: Stub, dialect: string | undefined): Promise<Peer> {
  if (dialect === undefined) return (await Peer.live(room)).peer;
  return Peer.connect(room, { [DIALECT_HEADER]: dialect, [PARAMS_HEADER]: asciiJson({}) });
}

function send(peer: Peer, frame: string | ArrayBuffer, times: number): void {
  for (let n = 0; n < times; n += 1) peer.socket.send(frame);
}

describe("floods", () => {
  test.each(Object.entries(FLOODS))(
    "Q10 %s end with too_many_requests, and nobody else's connection",
    async (_, flood) => {
      const room = await fresh(flood.namespace());
      const other = await connect(room, undefined);
      const peer = await connect(room, flood.dialect);
      send(peer, flood.frame, MORE_THAN_ENOUGH);
      expect((await peer.closed).code).toBe(4400);
      // What it had sent on is read for nothing, and the other is served as ever.
      other.socket.send("ping");
      for (let line = ""; line !== "pong";) line = await other.line();
    },
  );

  test("Q10 the messages of one frame count one by one", async () => {
    const peer = await connect(await fresh(env.DOCUMENTS), undefined);
    peer.socket.send(Array.from({ length: MORE_THAN_ENOUGH }, () => json({ t: "ack", n: 1 })).join("\n"));
    expect((await peer.closed).code).toBe(4400);
  });

  test("Q10 large frames count by their size", async () => {
    const peer = await connect(await fresh(env.DOCUMENTS), "json-document");
    send(peer, "x".repeat(100_000), 8);
    expect((await peer.closed).code).toBe(4400);
  });

  test("Q10 mutations that are applied cost little: more of them pass", async () => {
    const room = await fresh(env.COUNTERS);
    const peer = await connect(room, undefined);
    const last = MORE_THAN_ENOUGH;
    for (let m = 1; m <= last; m += 1) peer.mutate(m, { add: 1 });
    expect((await peer.opsUntil(last)).size).toBe(last);
  });

  test("Q10 large mutations cost by their size only where they are refused", async () => {
    const mutation = (m: number, type: string): string =>
      json({ t: "mutate", m, intents: [{ type, value: { a: `${"x".repeat(70_000)}${m}` } }] });
    const room = await fresh(env.DOCUMENTS);
    const publisher = await connect(room, undefined);
    for (let m = 1; m <= 12; m += 1) publisher.socket.send(mutation(m, "merge"));
    for (let done = 0; done < 12;) {
      const message = await publisher.next();
      if (message.t === "ops") done += message.entries.length;
    }
    const refused = await connect(room, undefined);
    for (let m = 1; m <= 12; m += 1) refused.socket.send(mutation(m, "?"));
    expect((await refused.closed).code).toBe(4400);
  });

  test("Q10 what was spent outlives a sleep of the room", async () => {
    const room = await fresh(env.DOCUMENTS);
    const peer = await connect(room, undefined);
    send(peer, "ping", 90);
    for (let n = 0; n < 90; n += 1) await peer.line();
    await sleep(room);
    await limit(room);
    send(peer, "ping", 50);
    expect((await peer.closed).code).toBe(4400);
  });

  test("Q10 before hello too", async () => {
    const room = await fresh(env.DOCUMENTS);
    const peer = await Peer.connect(room, { "Sec-WebSocket-Protocol": SUBPROTOCOL });
    send(peer, "ping", MORE_THAN_ENOUGH);
    expect((await peer.closed).code).toBe(4400);
  });
});
