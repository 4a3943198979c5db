import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CHAT_RATES } from "../../src/kinds/chat/limits.ts";
import { ADMISSION_HEADER, DIALECT_HEADER, type Admission } from "../../src/room/api.ts";
import { guestSubject, hashGuestSecret, userSubject } from "../../src/room/rates/subject.ts";
import { edge, json } from "../worker/edge.ts";
import type { Chats } from "../worker/rooms.ts";
import { Peer } from "./peer.ts";

const START = Date.now();
const OVER = "too_many_requests";
const RATE = CHAT_RATES["chat-person"];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(START);
});
afterEach(() => {
  vi.useRealTimers();
});

let rooms = 0;
const freshRoom = (): DurableObjectStub<Chats> => env.CHATS.getByName(`chat-rates-${(rooms += 1)}`);

let addresses = 0;
const freshAddress = (): string => `192.0.2.${(addresses += 1)}`;

interface Identity {
  readonly user?: string;
  readonly guest?: string;
}

/** Somebody in a room, who says one message after the other. */
class Speaker {
  readonly #peer: Peer;
  #m = 0;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  static async join(room: DurableObjectStub<Chats>, address: string, { user, guest }: Identity = {}): Promise<Speaker> {
    const admission: Admission = { can: ["read", "write"], address, ...(user && { user: { id: user } }) };
    const hello = guest === undefined ? {} : { guest };
    return new Speaker((await Peer.live(room, hello, { [ADMISSION_HEADER]: JSON.stringify(admission) })).peer);
  }

  /** `ok`, or the code of the refusal. */
  async say(text = "a short line"): Promise<string> {
    const m = (this.#m += 1);
    this.#peer.mutate(m, { type: "send", text });
    for (;;) {
      const message = await this.#peer.next();
      if (message.t === "refused" && message.m === m) return message.code;
      if (message.t === "ops" && message.entries.some((entry) => entry.m === m)) return "ok";
    }
  }

  async sayMany(count: number): Promise<readonly string[]> {
    const codes: string[] = [];
    for (let n = 0; n < count; n += 1) codes.push(await this.say());
    return codes;
  }
}

const accepted = (codes: readonly string[]): number => codes.filter((code) => code === "ok").length;

/** Waits until the limiter knows of so many messages of somebody, all from one moment. */
async function told(subject: string, bucket: string, messages: number): Promise<void> {
  while ((await env.RATES.getByName(subject).charge(bucket, RATE, 0)) < messages * RATE.every);
}

const people: readonly (readonly [string, (name: string) => Identity])[] = [
  ["users", (name) => ({ user: `user ${name} ${addresses}` })],
  ["guests", (name) => ({ guest: `a-secret-of-${name}-${addresses}` })],
  ["connections", () => ({})],
];

describe.each(people)("%s", (_, identify) => {
  test("Q1 three people behind one address send 11 messages in 2 s, and none is refused", async () => {
    const address = freshAddress();
    const room = freshRoom();
    const trio = await Promise.all(["Ana", "Ben", "Cem"].map((name) => Speaker.join(room, address, identify(name))));
    const codes: string[] = [];
    for (let n = 0; n < 11; n += 1) {
      codes.push((await trio[n % 3]?.say()) ?? "");
      vi.setSystemTime(START + (n + 1) * 180);
    }
    expect(accepted(codes)).toBe(11);
  });

  test("Q1 ten short messages of one person within 10 s are accepted", async () => {
    const ana = await Speaker.join(freshRoom(), freshAddress(), identify("Ana"));
    const codes: string[] = [];
    for (let n = 0; n < 10; n += 1) {
      codes.push(await ana.say());
      vi.setSystemTime(START + (n + 1) * 900);
    }
    expect(accepted(codes)).toBe(10);
  });

  test("Q1 one person has ten messages at once, then one a second; another at the same address is not held back", async () => {
    const room = freshRoom();
    const address = freshAddress();
    const ana = await Speaker.join(room, address, identify("Ana"));
    const ben = await Speaker.join(room, address, identify("Ben"));
    expect(accepted(await ana.sayMany(13))).toBe(10);
    expect(await ben.say()).toBe("ok");
    vi.setSystemTime(START + 1_000);
    expect(await ana.sayMany(2)).toEqual(["ok", OVER]);
  });
});

describe("across rooms", () => {
  test("Q1 Q3 a signed-in user has one bucket in all rooms and at all addresses", async () => {
    const user = "Ada Lovelace";
    const [home, phone] = [freshAddress(), freshAddress()];
    const here = await Speaker.join(freshRoom(), home, { user });
    expect(accepted(await here.sayMany(8))).toBe(8);
    await told(userSubject(user).subject, "chat-person", 8);
    const there = await Speaker.join(freshRoom(), phone, { user });
    expect(accepted(await there.sayMany(5))).toBe(2);
    const other = await Speaker.join(freshRoom(), phone, { user: "Grace" });
    expect(await other.say()).toBe("ok");
  });

  test("Q1 Q3 a guest has one bucket in all rooms at one address", async () => {
    const guest = "a-secret-of-a-guest";
    const address = freshAddress();
    const here = await Speaker.join(freshRoom(), address, { guest });
    expect(accepted(await here.sayMany(9))).toBe(9);
    const bucket = `chat-person${guestSubject(address, hashGuestSecret(guest)).suffix}`;
    await told(address, bucket, 9);
    const there = await Speaker.join(freshRoom(), address, { guest });
    expect(await there.say()).toBe("ok");
    await told(address, bucket, 10);
    expect(await there.say()).toBe(OVER);
    const other = await Speaker.join(freshRoom(), address, { guest: "a-secret-of-another-guest" });
    expect(await other.say()).toBe("ok");
  });

  test("Q1 Q3 however many people one address claims to be, it has forty messages at once", async () => {
    const address = freshAddress();
    const room = freshRoom();
    let through = 0;
    for (let n = 0; n < 6; n += 1) {
      const speaker = await Speaker.join(room, address, n % 2 === 0 ? {} : { guest: `the-secret-of-guest-${n}` });
      through += accepted(await speaker.sayMany(10));
    }
    expect(through).toBe(40);
  });

  test("Q8 a signed-in user who writes over HTTP draws on the same bucket", async () => {
    const id = "chat-rates-http";
    const { fetch } = edge({
      chats: () => env.CHATS,
      authorize: () => ({ user: { id: "Hedy" }, can: ["read", "write"] }),
    });
    const post = (address: string) =>
      fetch(`/chat/${id}/messages`, json("POST", { text: "a short line" }, { "cf-connecting-ip": address }));
    const statuses: number[] = [];
    for (let n = 0; n < 12; n += 1) statuses.push((await post(freshAddress())).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 200), 429, 429]);
    const socket = await Speaker.join(env.CHATS.getByName(id), freshAddress(), { user: "Hedy" });
    expect(await socket.say()).toBe(OVER);
  });
});

test.each(["json-chat", "line-chat"])(
  "Q1 Q2 of twelve messages within half a second %s refuses the last two, in its own words",
  async (dialect) => {
    const admission: Admission = { can: ["read", "write"], address: freshAddress() };
    const peer = await Peer.connect(freshRoom(), {
      [DIALECT_HEADER]: dialect,
      [ADMISSION_HEADER]: JSON.stringify(admission),
    });
    const isJson = dialect === "json-chat";
    if (isJson) peer.socket.send('{"name":"Ada"}');
    const words = "Your IP is being rate-limited, please try again later.";
    for (let n = 1; n <= 12; n += 1) {
      peer.socket.send(isJson ? JSON.stringify({ message: `line ${n}` }) : `line ${n}`);
      vi.setSystemTime(START + n * 40);
    }
    let heard = 0;
    let refusals = 0;
    while (refusals < 2) {
      const line = await peer.line();
      if (line.includes("line ")) heard += 1;
      if (line === (isJson ? JSON.stringify({ error: words }) : words)) refusals += 1;
    }
    expect(heard).toBe(10);
  },
);
