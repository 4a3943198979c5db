import {
  ChatRoom,
  createWorker,
  DocumentRoom,
  KeptStreamRoom,
  MapRoom,
  roomOf,
  type Limits,
  type Permission,
  type Retention,
} from "../../src/server.ts";
import { SUBPROTOCOL } from "../../src/protocol/version.ts";
import { SimulatedBucket } from "./bucket.ts";
import { Audit } from "./checks/audit.ts";
import { newTally, tally } from "./kinds.ts";
import { Link, type Route, type Upgraded, webSocketClass } from "./network.ts";
import { SimulatedObject, type RoomConstructor } from "./object.ts";
import { enter } from "./platform/globals.ts";
import type { Tunnel } from "./platform/tunnel.ts";
import { Timeline } from "./platform/timeline.ts";
import { Chance } from "./random.ts";

export type Binding = "DOCUMENTS" | "CHATS" | "MAPS" | "STREAMS" | "TALLIES";

interface Namespace {
  getByName(name: string): object;
}

interface Env extends Readonly<Record<Binding, Namespace>> {
  readonly ARCHIVE: SimulatedBucket;
}

export interface WorldOptions {
  readonly seed: number;
  readonly retention: Partial<Retention>;
  readonly limits: Partial<Limits>;
  /** Streams keep their events in a bucket. */
  readonly archived: boolean;
}

const BEGINNING = Date.UTC(2026, 10, 30);

/** A Worker, its objects, a bucket and a network, in one process and under one clock. */
export class World {
  readonly timeline = new Timeline(BEGINNING);
  readonly chance: Chance;
  readonly bucket: SimulatedBucket;
  readonly links = new Set<Link>();
  /** What was logged or thrown where nobody catches it. */
  readonly faults: string[] = [];
  /** How long a frame takes in one direction, in milliseconds. */
  latency = 5;
  readonly #objects = new Map<string, SimulatedObject>();
  readonly #audits = new Map<SimulatedObject, Audit>();
  readonly #env: Env;
  #classes: Readonly<Record<Binding, RoomConstructor>>;
  readonly #options: WorldOptions;
  readonly #worker: { fetch(request: Request, env: Env): Promise<Response> };

  constructor(options: WorldOptions) {
    this.#options = options;
    this.chance = new Chance(options.seed, "world");
    this.bucket = new SimulatedBucket(this.timeline, this.chance);
    enter({ timeline: this.timeline, chance: this.chance, fetch: (input, init) => this.fetch(input, init) });
    this.#classes = classes(options, tally);
    const namespace = (binding: Binding): Namespace => ({ getByName: (name) => this.#stub(binding, name) });
    this.#env = {
      DOCUMENTS: namespace("DOCUMENTS"),
      CHATS: namespace("CHATS"),
      MAPS: namespace("MAPS"),
      STREAMS: namespace("STREAMS"),
      TALLIES: namespace("TALLIES"),
      ARCHIVE: this.bucket,
    };
    this.#worker = createWorker<Env>({
      documents: (env) => env.DOCUMENTS as never,
      chats: (env) => env.CHATS as never,
      maps: (env) => env.MAPS as never,
      streams: (env) => env.STREAMS as never,
      rooms: { tally: (env) => env.TALLIES as never },
      authorize: ({ request }) => {
        const query = new URL(request.url).searchParams;
        const can = (query.get("can") ?? "read,write,admin").split(",").filter(Boolean) as Permission[];
        const user = query.get("user");
        return { can, ...(user === null ? {} : { user: { id: user, name: user } }) };
      },
      onError: (error) => {
        if (!isExpected(error)) this.faults.push(`The Worker failed: ${String(error)}`);
      },
    }) as never;
  }

  object(binding: Binding, name: string): SimulatedObject {
    const key = `${binding}/${name}`;
    let object = this.#objects.get(key);
    if (object === undefined) {
      object = new SimulatedObject({
        name,
        env: this.#env,
        timeline: this.timeline,
        chance: this.chance,
        room: () => this.#classes[binding],
        uncaught: (error) => this.faults.push(`A room threw: ${error instanceof Error ? error.stack : String(error)}`),
      });
      const audit = new Audit();
      object.disk.onCommit = (writes) => audit.committed(writes);
      this.#objects.set(key, object);
      this.#audits.set(object, audit);
    }
    return object;
  }

  /** Newer code takes the place of today's: each object has it once it has ended and is called again. */
  deploy(): void {
    this.#classes = classes(this.#options, newTally);
  }

  audit(object: SimulatedObject): Audit {
    const audit = this.#audits.get(object);
    if (audit === undefined) throw new Error("No such object.");
    return audit;
  }

  get objects(): readonly SimulatedObject[] {
    return [...this.#objects.values()];
  }

  /** A WebSocket class for one client. `tap` is called once for each connection, and sees its frames. */
  sockets(
    client: string,
    tap?: (address: string) => (direction: "up" | "down", data: string | ArrayBuffer | ArrayBufferView) => void,
  ): ReturnType<typeof webSocketClass> {
    const route: Route = {
      open: (address, protocols, listener) => {
        const link: Link = new Link({
          client,
          listener,
          timeline: this.timeline,
          chance: this.chance,
          latency: this.latency,
          over: () => void this.links.delete(link),
          ...(tap === undefined ? {} : { tap: tap(address) }),
        });
        this.links.add(link);
        link.open(() => this.#upgrade(address, protocols));
        return link;
      },
    };
    return webSocketClass(route);
  }

  /** A request over the network, which may lose it or its answer. */
  async fetch(input: string | URL | Request, init?: RequestInit, loss = 0): Promise<Response> {
    const trip = (): Promise<void> =>
      new Promise((resolve) => void this.timeline.after(this.latency * (0.5 + this.chance.next()), resolve));
    const lost = (): never => {
      throw new TypeError("fetch failed");
    };
    await trip();
    if (this.chance.happens(loss)) lost();
    const response = await this.#worker.fetch(new Request(input, init), this.#env);
    await trip();
    if (this.chance.happens(loss)) lost();
    return response;
  }

  end(): void {
    for (const object of this.#objects.values()) object.end();
  }

  async #upgrade(address: string, protocols: readonly string[]): Promise<Upgraded | undefined> {
    const headers = new Headers({ upgrade: "websocket" });
    if (protocols.length > 0) headers.set("sec-websocket-protocol", protocols.join(", "));
    const response = (await this.#worker.fetch(
      new Request(address.replace(/^ws/, "http"), { headers }),
      this.#env,
    )) as Response & { readonly webSocket?: Tunnel | null };
    const tunnel = response.webSocket;
    if (tunnel === undefined || tunnel === null) return undefined;
    const { socket } = tunnel;
    const object = this.objects.find(({ sockets }) => socket !== undefined && sockets.has(socket));
    return { tunnel, socket, object };
  }

  #stub(binding: Binding, name: string): object {
    const object = this.object(binding, name);
    return new Proxy(
      {},
      {
        get: (_, method) => {
          if (typeof method !== "string" || method === "then") return undefined;
          return async (...args: readonly unknown[]) => {
            if (method === "fetch") return object.call(method, args);
            return structuredClone(await object.call(method, structuredClone(args)));
          };
        },
      },
    );
  }
}

export const NATIVE_PROTOCOL = SUBPROTOCOL;

/** What storage, the bucket and a crash may do to a request. */
function isExpected(error: unknown): boolean {
  return /The object was reset|SQLITE_|on purpose|did not answer|No answer within/.test(String(error));
}

function classes(
  { retention, limits, archived }: WorldOptions,
  tallyKind: typeof tally | typeof newTally,
): Readonly<Record<Binding, RoomConstructor>> {
  class Documents extends DocumentRoom {
    override readonly retention = retention;
    override readonly limits = limits;
  }
  class Chats extends ChatRoom {
    override readonly retention = retention;
  }
  class Maps extends MapRoom {
    override readonly retention = retention;
  }
  class Streams extends KeptStreamRoom<Env> {
    override readonly retention = retention;
    protected override readonly bucket = (archived ? this.env.ARCHIVE : undefined) as never;
  }
  class Tallies extends roomOf(tallyKind as typeof tally) {
    override readonly retention = retention;
  }
  return { DOCUMENTS: Documents, CHATS: Chats, MAPS: Maps, STREAMS: Streams, TALLIES: Tallies };
}
