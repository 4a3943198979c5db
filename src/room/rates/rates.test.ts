import { afterEach, describe, expect, test, vi } from "vitest";
import type { Rate } from "../../protocol/rate.ts";
import { checkRate, taken, waitFor } from "./bucket.ts";
import type { LimiterNamespace } from "../api.ts";
import { Rates } from "./rates.ts";
import { connectionSubject, guestSubject, userSubject, type PersonSubject } from "./subject.ts";

const CHAT: Rate = { burst: 5, every: 5_000 };
const START = 1_000_000;

afterEach(() => {
  vi.restoreAllMocks();
});

/** A limiter that keeps buckets as the real one does, and can be held up, broken or told to lie. */
class World {
  now = START;
  readonly told: string[] = [];
  answer: (owed: number) => Promise<number> = (owed) => Promise.resolve(owed);
  readonly #fullAt = new Map<string, number>();

  readonly limiters: LimiterNamespace = {
    getByName: (network) => ({
      charge: (budget, rate, count) => {
        this.told.push(`${network} ${budget} ${count}`);
        const key = `${network} ${budget}`;
        const fullAt = taken(this.#fullAt.get(key) ?? 0, this.now, rate, count);
        this.#fullAt.set(key, fullAt);
        return this.answer(fullAt - this.now);
      },
      take: (budget, rate, count) => {
        const key = `${network} ${budget}`;
        const fullAt = this.#fullAt.get(key) ?? 0;
        const wait = waitFor(fullAt, this.now, rate, count);
        if (wait === 0) this.#fullAt.set(key, taken(fullAt, this.now, rate, count));
        return this.answer(wait);
      },
    }),
  };

  room(rates: Readonly<Record<string, Rate>> = { chat: CHAT }): Rates {
    return new Rates({ limiters: this.limiters, rates, now: () => this.now });
  }
}

const settled = () => new Promise<void>((resolve) => setTimeout(resolve));

/** How many of so many actions in one turn are let through. */
function act(rates: Rates, times: number, network = "203.0.113.7", budget = "chat"): number {
  let through = 0;
  for (let n = 0; n < times; n += 1) if (rates.take(network, [[budget, 1]]) === undefined) through += 1;
  return through;
}

describe("a bucket", () => {
  test("holds its burst, refills one by one, and never more than the burst", () => {
    let fullAt = 0;
    for (let n = 0; n < 5; n += 1) {
      expect(waitFor(fullAt, START, CHAT, 1)).toBe(0);
      fullAt = taken(fullAt, START, CHAT, 1);
    }
    expect(waitFor(fullAt, START, CHAT, 1)).toBe(5_000);
    expect(waitFor(fullAt, START + 4_999, CHAT, 1)).toBe(1);
    expect(waitFor(fullAt, START + 5_000, CHAT, 1)).toBe(0);
    expect(waitFor(fullAt, START + 5_000, CHAT, 2)).toBe(5_000);
    expect(waitFor(fullAt, START + 1e9, CHAT, 5)).toBe(0);
    expect(waitFor(fullAt, START + 1e9, CHAT, 6)).toBe(Infinity);
  });

  test("with no time between tokens is never empty", () => {
    const free = { burst: 1, every: 0 };
    expect(waitFor(taken(0, START, free, 1_000), START, free, 1_000)).toBe(0);
  });

  test.each([
    { burst: 0, every: 1 },
    { burst: NaN, every: 1 },
    { burst: 1, every: -1 },
    { burst: 1, every: Infinity },
    { burst: Infinity, every: 1 },
  ])("of %o cannot be", (rate) => {
    expect(() => checkRate("chat", rate)).toThrow(TypeError);
    expect(() => new World().room({ chat: rate })).toThrow("The rate of chat");
  });
});

describe("a room's copy", () => {
  test("Q1 lets five through at once, then one in five seconds", () => {
    const world = new World();
    const rates = world.room();
    expect(act(rates, 8)).toBe(5);
    world.now += 4_999;
    expect(act(rates, 1)).toBe(0);
    world.now += 1;
    expect(act(rates, 2)).toBe(1);
    world.now += 60_000;
    expect(act(rates, 8)).toBe(5);
  });

  test("Q1 the refusal says how long to wait, and being refused costs nothing", () => {
    const world = new World();
    const rates = world.room();
    act(rates, 5);
    world.now += 1_800;
    for (let n = 0; n < 100; n += 1) {
      expect(rates.take("203.0.113.7", [["chat", 1]])).toMatchObject({
        code: "too_many_requests",
        message: "This network address is over its rate; wait 4 s.",
        place: { retryAfter: 3_200 },
      });
    }
    world.now += 3_200;
    expect(act(rates, 2)).toBe(1);
  });

  test("takes from all the budgets that a mutation draws on, or from none", () => {
    const world = new World();
    const rates = world.room({ chat: CHAT, light: { burst: 2, every: 1_000 } });
    const both = [
      ["chat", 1],
      ["light", 3],
    ] as const;
    expect(rates.take("a", both)?.place.retryAfter).toBeUndefined();
    expect(act(rates, 9, "a", "chat")).toBe(5);
    expect(act(rates, 9, "a", "light")).toBe(2);
  });

  test("Q3 learns from the limiter's answer what the same address did elsewhere", async () => {
    const world = new World();
    const one = world.room();
    const other = world.room();
    expect(act(one, 3)).toBe(3);
    await settled();
    expect(act(other, 1)).toBe(1);
    await settled();
    expect(act(other, 9)).toBe(1);
    expect(act(other, 9, "198.51.100.1")).toBe(5);
  });

  test("tells while nobody waits, in one call what has gathered during the last", async () => {
    const world = new World();
    let answer: (owed: number) => void = () => undefined;
    world.answer = () => new Promise((resolve) => (answer = resolve));
    const rates = world.room();
    act(rates, 5);
    expect(world.told).toEqual(["203.0.113.7 chat 1"]);
    answer(5_000);
    await settled();
    expect(world.told).toEqual(["203.0.113.7 chat 1", "203.0.113.7 chat 4"]);
  });

  test("tells nothing of who stays well below a large budget", async () => {
    const world = new World();
    const rates = world.room({ document: { burst: 500, every: 10 } });
    // Somebody types, eight keys a second for a minute.
    for (let key = 0; key < 480; key += 1) {
      expect(act(rates, 1, "a", "document")).toBe(1);
      world.now += 125;
    }
    await settled();
    expect(world.told).toEqual([]);
    expect(act(rates, 1_000, "a", "document")).toBe(500);
    await settled();
    expect(world.told).toEqual(["a document 2", "a document 498"]);
  });

  test.each<[string, (world: World) => void]>([
    ["rejects", (world) => (world.answer = () => Promise.reject(new Error("unreachable")))],
    ["never answers", (world) => (world.answer = () => new Promise(() => undefined))],
    ["answers nonsense", (world) => (world.answer = () => Promise.resolve("later" as unknown as number))],
    [
      "throws at once",
      (world) => {
        world.limiters.getByName = () => {
          throw new Error("no such binding");
        };
      },
    ],
  ])("Q4 rules alone where the limiter %s", async (_, breakIt) => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const world = new World();
    breakIt(world);
    const rates = world.room();
    for (let round = 0; round < 3; round += 1) {
      expect(act(rates, 9)).toBe(round === 0 ? 5 : 2);
      await settled();
      world.now += 10_000;
    }
    // Once a minute, however often.
    expect(warned.mock.calls.length).toBeLessThanOrEqual(1);
  });

  test("Q4 a limiter that claims too much locks nobody out for long", async () => {
    const world = new World();
    world.answer = () => Promise.resolve(1e15);
    const rates = world.room();
    act(rates, 1);
    await settled();
    expect(act(rates, 1)).toBe(0);
    world.now += 2 * CHAT.burst * CHAT.every;
    expect(act(rates, 1)).toBe(1);
  });

  test("Q1 an answer that comes late makes nobody wait longer", async () => {
    const world = new World();
    const answers: (() => void)[] = [];
    world.answer = (owed) => new Promise((resolve) => answers.push(() => resolve(owed)));
    const rates = world.room();
    expect(act(rates, 5)).toBe(5);
    world.now += 5_000;
    answers[0]?.();
    await settled();
    expect(act(rates, 1)).toBe(1);
  });

  test("a limiter that does not answer is asked again after ten seconds", () => {
    const world = new World();
    world.answer = () => new Promise(() => undefined);
    const rates = world.room();
    act(rates, 1);
    world.now += 9_999;
    act(rates, 1);
    expect(world.told).toHaveLength(1);
    world.now += 1;
    act(rates, 1);
    expect(world.told).toHaveLength(2);
  });

  test("Q5 lets full buckets go, and keeps 10,000 at most", () => {
    const world = new World();
    const rates = world.room();
    for (let n = 0; n < 5_000; n += 1) {
      act(rates, 1, `idle-${n}`);
      world.now += 100;
    }
    // Fifty are not full again yet; the others go when their number has doubled.
    expect(rates.size).toBeLessThan(300);
    for (let n = 0; n < 50_000; n += 1) act(rates, 1, `busy-${n}`);
    expect(rates.size).toBeLessThanOrEqual(10_000);
    // Those that acted last are still known.
    expect(act(rates, 9, "busy-49999")).toBe(4);
  });
});

describe("a person's own buckets", () => {
  const rates = { chat: CHAT, person: { burst: 2, every: 1_000 } };
  const say = (room: Rates, address: string, person: PersonSubject) =>
    room.take(address, [["chat", 1]], { person, costs: [["person", 1]] });
  /** How many of 20 messages are let through. */
  const talk = (room: Rates, address: string, person: PersonSubject): number =>
    Array.from({ length: 20 }, () => say(room, address, person)).filter((refusal) => refusal === undefined).length;

  test("Q1 a message takes a token of the address and one of the person, or none", () => {
    const room = new World().room(rates);
    expect(talk(room, "a", guestSubject("a", "ann"))).toBe(2);
    expect(talk(room, "a", guestSubject("a", "ben"))).toBe(2);
    // What refused them took nothing from the address.
    expect(talk(room, "a", connectionSubject("a", "3"))).toBe(1);
    expect(talk(room, "b", connectionSubject("b", "4"))).toBe(2);
  });

  test("Q1 the refusal says whose rate it is, and how long to wait", () => {
    const room = new World().room(rates);
    const ann = guestSubject("a", "ann");
    talk(room, "a", ann);
    expect(say(room, "a", ann)).toMatchObject({
      message: "You are sending faster than the rate allows; wait 1 s.",
      place: { retryAfter: 1_000 },
    });
    talk(room, "a", guestSubject("a", "ben"));
    talk(room, "a", guestSubject("a", "cem"));
    expect(say(room, "a", guestSubject("a", "dan"))).toMatchObject({
      message: "This network address is over its rate; wait 5 s.",
      place: { retryAfter: 5_000 },
    });
  });

  test("Q3 a user has one bucket for all addresses, a guest one per address, and a connection without a secret one in its room", async () => {
    const world = new World();
    const people = [userSubject("ann"), guestSubject("a", "ben"), connectionSubject("a", "7")];
    for (const person of people) say(world.room(rates), "a", person);
    await settled();
    expect(world.told).toEqual(["a chat 1", "user:ann person 1", "a chat 1", "a person guest:ben 1", "a chat 1"]);
  });
});

describe("a new room", () => {
  test.each<[string, Rate, number]>([
    ["a small", CHAT, 5],
    ["a medium", { burst: 30, every: 1_000 }, 30],
    ["a large", { burst: 500, every: 10 }, 500],
  ])(
    "Q3 Q6 takes its first token of %s budget from the limiter, also when many connect before they write",
    async (_, rate, burst) => {
      const world = new World();
      const rooms = Array.from({ length: burst + 20 }, () => world.room({ chat: rate }));
      await Promise.all(rooms.map(async (room) => room.greet("a", ["chat"])));
      expect(rooms.reduce((through, room) => through + act(room, 1, "a"), 0)).toBe(burst);
    },
  );

  test("Q6 writes over HTTP reserve their tokens, also in a room that knows the address", async () => {
    const world = new World();
    const rooms = Array.from({ length: 4 }, () => world.room());
    let through = 0;
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(rooms.map(async (room) => room.reserve("a", [["chat", 1]])));
      for (const room of rooms) through += act(room, 1, "a");
    }
    expect(through).toBe(5);
  });

  test("Q1 a reserved token never makes a burst longer", async () => {
    for (const after of [0, 4_000, 24_000, 60_000]) {
      const world = new World();
      const room = world.room();
      await room.greet("a", ["chat"]);
      world.now += after;
      expect(act(room, 20, "a")).toBe(5);
    }
  });

  test("Q3 the limiter knows of half of what a room lets through of a large budget", async () => {
    const world = new World();
    const room = world.room({ chat: { burst: 1_000, every: 5 } });
    await room.greet("a", ["chat"]);
    for (let n = 0; n < 50; n += 1) {
      act(room, 1, "a");
      await settled();
    }
    const told = world.told.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
    expect(told).toBeGreaterThanOrEqual(25);
  });

  test("Q4 after the limiter has failed nobody waits for it, until ten seconds later", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const world = new World();
    world.answer = () => Promise.reject(new Error("unreachable"));
    const room = world.room();
    await room.greet("a", ["chat"]);
    expect(room.greet("b", ["chat"])).toBeUndefined();
    expect(room.reserve("a", [["chat", 1]])).toBeUndefined();
    expect(act(room, 9, "b")).toBe(5);
    world.now += 10_000;
    expect(room.greet("c", ["chat"])).toBeInstanceOf(Promise);
  });
});
