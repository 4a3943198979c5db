import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { chatKind } from "../kinds/chat/kind.ts";
import { documentKind } from "../kinds/document/kind.ts";
import { mapKind } from "../kinds/map/kind.ts";
import { streamKind } from "../kinds/stream/kind.ts";
import { Links } from "./fixtures/links.ts";
import { EngineRoom } from "./fixtures/engine-room.ts";
import { tallyKind } from "./fixtures/tally.ts";
import { chat, connect, map, type Opener, type Rooms, stream, type Subscription } from "./index.ts";

const KINDS = ["doc", "chat", "map", "room", "stream", "subscription"] as const;
type KindName = (typeof KINDS)[number];

interface Handle {
  readonly status: { readonly phase: string };
  close(): void;
}

const SITES = ["change", "presence", "reset", "status", "event", "error", "query", "settled"] as const;
const MAX_SKIP = 4;

const turn = fc.record({
  /** The callback that acts, after `skip` calls for one handle. */
  site: fc.constantFrom(...SITES),
  skip: fc.nat({ max: MAX_SKIP }),
  verb: fc.oneof(
    { weight: 3, arbitrary: fc.constant("close" as const) },
    { weight: 7, arbitrary: fc.constantFrom("mutate", "presence", "ask", "closeAll", "hold", "release", "throw") },
  ),
  /** Undefined: what calls back. */
  target: fc.option(fc.constantFrom(...KINDS), { nil: undefined }),
});
type Turn = typeof turn extends fc.Arbitrary<infer T> ? T : never;

const STEPS = ["cut", "refuse", "forbid", "commit", "trim", "restore", "mutate", "wait"] as const;

/** Everything that one run does, and what becomes of it. */
class World {
  readonly rooms = {
    doc: new EngineRoom(documentKind),
    chat: new EngineRoom(chatKind()),
    map: new EngineRoom(mapKind()),
    room: new EngineRoom(tallyKind),
    stream: new EngineRoom(streamKind),
  };
  readonly links = new Links((path) => {
    return this.rooms[path.split("/")[1] as keyof World["rooms"]];
  });
  readonly client: Rooms;
  readonly unsettled = new Set<{ readonly name: KindName; readonly of: Handle }>();
  readonly reported: unknown[] = [];
  readonly #closed = new Set<Handle>();
  readonly #listening = new WeakSet<object>();
  readonly #releases: (() => void)[] = [];
  readonly #turns: Turn[];
  readonly #calls: Record<string, number> = {};
  #subscription: Subscription | undefined;

  constructor(turns: readonly Turn[]) {
    this.#turns = [...turns];
    this.client = connect("http://server.example", {
      WebSocket: this.links.WebSocket,
      query: () => {
        this.act("query", "doc");
        return {};
      },
      onError: () => this.act("error", "doc"),
    });
    for (const name of KINDS) this.#mutate(name);
  }

  /** A callback calls. */
  act(site: Turn["site"], self: KindName): void {
    const key = `${site} of ${self}`;
    const calls = (this.#calls[key] = (this.#calls[key] ?? -1) + 1);
    const index = this.#turns.findIndex((each) => each.site === site && each.skip === calls);
    const [found] = index === -1 ? [] : this.#turns.splice(index, 1);
    if (found !== undefined) this.#do(found.verb, found.target ?? self);
  }

  stop(): void {
    this.#turns.length = 0;
  }

  check(): void {
    for (const handle of this.#closed) expect(handle.status.phase).toBe("closed");
  }

  #do(verb: Turn["verb"], name: KindName): void {
    const handle = this.#handle(name);
    if (verb === "close") {
      handle.close();
      this.#closed.add(handle);
      expect(handle.status.phase).toBe("closed");
    } else if (verb === "mutate") this.#mutate(name);
    else if (verb === "closeAll") this.client.close();
    else if (verb === "release") this.#releases.shift()?.();
    else if (verb === "throw") throw new Error("On purpose.");
    else if (verb === "hold") {
      this.#releases.push(this.client.lend.hold(this.#handles(this.client.lend).doc));
    } else if (verb === "presence") {
      const { doc, map: trip, chat: talk } = this.#handles();
      doc.presence.set({ x: 1 });
      trip.presence.clear();
      talk.introduce({ name: "Ada" });
      talk.typing();
    } else {
      const { chat: talk, room } = this.#handles();
      this.#watch(room.ping(), "room");
      this.#watch(room.ready(), "room");
      this.#watch(talk.loadOlder(), "chat");
      for (const each of [talk, room]) each.retry();
      this.#subscription?.retry();
    }
  }

  #mutate(name: KindName): void {
    const { doc, chat: talk, map: trip, room, stream: feed } = this.#handles();
    if (name === "doc") {
      this.#watch(doc.merge({ n: this.rooms.doc.seq }), name);
      this.#watch(doc.patch([{ op: "remove", path: "/no" }]), name);
    } else if (name === "chat") this.#watch(talk.send("Hello"), name);
    else if (name === "map") this.#watch(trip.addPin([7, 61]).done, name);
    else if (name === "room") this.#watch(room.mutate({ type: "take", tag: "t" }), name);
    else if (name === "stream") this.#watch(feed.publish([{ type: "click" }] as never), name);
    else {
      this.#subscription = feed.subscribe(() => this.act("event", "subscription"), {
        from: { last: 5 },
        onReset: () => this.act("reset", "subscription"),
        onStatus: () => this.act("status", "subscription"),
      });
    }
  }

  #watch(promise: Promise<unknown>, name: KindName): void {
    const entry = { name, of: this.#handle(name) };
    this.unsettled.add(entry);
    const settle = (): void => {
      this.unsettled.delete(entry);
      try {
        this.act("settled", name);
      } catch (error) {
        // What the application throws in a `then` of its own is its own.
        this.reported.push(error);
      }
    };
    promise.then(settle, settle);
  }

  #handle(name: KindName): Handle {
    const handles = this.#handles();
    return name === "subscription" ? (this.#subscription ?? handles.stream) : handles[name];
  }

  #handles(opener: Opener = this.client) {
    const handles = {
      doc: opener.document("a"),
      chat: chat(opener, "a"),
      map: map(opener, "a"),
      room: opener.room(tallyKind, "a"),
      stream: stream(opener, "a"),
    };
    for (const [key, handle] of Object.entries(handles)) {
      expect(handle.status.phase).not.toBe("closed");
      if (this.#listening.has(handle) || !("presence" in handle)) continue;
      this.#listening.add(handle);
      const name = key as KindName;
      handle.subscribe(() => this.act("change", name));
      handle.presence.subscribe(() => this.act("presence", name));
    }
    return handles;
  }

  /** What happens to the connections and rooms from outside. */
  happen(what: string): void {
    const { doc, stream: feed } = this.rooms;
    if (what === "refuse") this.links.refuse = [4404, "internal: The binding DOCUMENTS is missing."];
    if (what === "forbid") this.links.refuse = [4503, "forbidden: Not you."];
    if (["cut", "refuse", "forbid", "trim"].includes(what)) this.links.cut();
    if (what === "commit" || what === "trim") {
      doc.commit({ type: "merge", value: { n: doc.seq } });
      feed.commit({ type: "event", event: { data: '{"type":"view"}' } } as never);
    }
    if (what === "trim") Object.values(this.rooms).forEach((room) => room.trim());
    if (what === "restore") doc.restore({ restored: true });
    if (what === "mutate") for (const name of KINDS) this.#mutate(name);
  }
}

let world: World;

beforeEach(() => {
  vi.useFakeTimers();
  // No jitter: what reconnects, reconnects at once.
  vi.spyOn(Math, "random").mockReturnValue(0);
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("No network.")));
  vi.stubGlobal("reportError", (error: unknown) => world.reported.push(error));
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test("S6 any callback may close, mutate and ask for anything: promises settle, and what is closed stays closed", async () => {
  const turns = fc.array(turn, { minLength: 2, maxLength: 16, size: "max" });
  // Before anything else: from each callback, at each of its first calls, what calls back is closed.
  const examples = SITES.flatMap((site) =>
    Array.from({ length: MAX_SKIP + 1 }, (_, skip): [Turn[], (typeof STEPS)[number][]] => [
      [{ site, skip, verb: "close", target: undefined }],
      ["mutate", "trim", "commit", "refuse"],
    ]),
  );
  const steps = fc.array(fc.constantFrom(...STEPS), { minLength: 3, maxLength: 10, size: "max" });
  await fc.assert(
    fc.asyncProperty(turns, steps, async (some, list) => {
      world = new World(some);
      for (const each of list) {
        await vi.advanceTimersByTimeAsync(each === "wait" ? 6_000 : 10);
        world.happen(each);
      }
      await vi.advanceTimersByTimeAsync(100);
      world.stop();
      await vi.advanceTimersByTimeAsync(12_000);
      world.check();
      const lost = [...world.unsettled].filter(({ of }) => of.status.phase === "closed");
      expect(lost.map(({ name }) => name)).toEqual([]);
      world.client.close();
      await vi.advanceTimersByTimeAsync(12_000);
      world.check();
      expect([...world.unsettled].map(({ name }) => name)).toEqual([]);
      expect(world.links.open.size).toBe(0);
      expect(world.reported.filter((error) => (error as Error).message !== "On purpose.")).toEqual([]);
    }),
    { numRuns: examples.length + 60, examples },
  );
});
