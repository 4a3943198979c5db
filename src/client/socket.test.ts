import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WebSocketServer, type WebSocket } from "ws";
import { PING, PONG } from "../protocol/version.ts";
import { Socket } from "./socket.ts";

/** What happened, in order, to be awaited. */
class Events {
  readonly all: string[] = [];
  #waiting: { readonly event: string; readonly resolve: () => void }[] = [];

  add(event: string): void {
    this.all.push(event);
    this.#waiting = this.#waiting.filter((each) => {
      if (each.event === event) each.resolve();
      return each.event !== event;
    });
  }

  next(event: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ event, resolve });
    });
  }
}

let server: WebSocketServer;
let events: Events;
let socket: Socket;
let onLine = true;
let answer: ((peer: WebSocket, frame: string) => void) | undefined;
const target = new EventTarget();
const page = Object.assign(new EventTarget(), { visibilityState: "visible" });

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  vi.stubGlobal("addEventListener", target.addEventListener.bind(target));
  vi.stubGlobal("removeEventListener", target.removeEventListener.bind(target));
  vi.stubGlobal("document", page);
  vi.stubGlobal("navigator", {
    get onLine() {
      return onLine;
    },
  });
  onLine = true;
  page.visibilityState = "visible";
  answer = (peer, frame) => peer.send(frame === PING ? PONG : frame);
  server = new WebSocketServer({ host: "127.0.0.1", port: 0, handleProtocols: () => "roomcast.v1" });
  server.on("connection", (peer) => {
    events.add("server: connection");
    peer.on("message", (data: Buffer) => {
      events.add(`server: ${data.toString()}`);
      answer?.(peer, data.toString());
    });
  });
  await once(server, "listening");
  events = new Events();
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  socket = new Socket(async () => url, undefined, {
    failed: () => {},
    opened: () => events.add("opened"),
    frame: (text) => events.add(`frame: ${text}`),
    waiting: (attempt, retryAt) => events.add(`waiting: ${attempt}, ${retryAt - Date.now()} ms`),
    ended: (code, reason) => events.add(`ended: ${code} ${reason}`),
  });
});

afterEach(async () => {
  socket.close();
  for (const peer of server.clients) peer.terminate();
  await new Promise((resolve) => server.close(resolve));
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

async function open(): Promise<WebSocket> {
  const opened = events.next("opened");
  socket.start();
  await opened;
  const echoed = events.next("frame: hello");
  socket.send("hello");
  await echoed;
  return current();
}

function current(): WebSocket {
  const peer = [...server.clients].at(-1);
  if (peer === undefined) throw new Error("Nobody is connected.");
  return peer;
}

async function after(event: string, cause: () => void): Promise<void> {
  const happened = events.next(event);
  cause();
  await happened;
}

test("S4 comes back after a loss, each failure in a row waiting longer, up to 15 s", async () => {
  await open();
  // From here on nobody lets it in: each connection is dropped unheard.
  server.on("connection", (peer) => peer.terminate());
  await after("waiting: 1, 125 ms", () => current().terminate());
  const waits = [250, 500, 1000, 2000, 4000, 7500, 7500];
  let wait = 125;
  for (const [index, next] of waits.entries()) {
    await after(`waiting: ${index + 2}, ${next} ms`, () => vi.advanceTimersByTime(wait));
    wait = next;
  }
});

test("a connection that lasted starts the backoff anew; one that did not goes on with it", async () => {
  await open();
  await after("waiting: 1, 125 ms", () => current().terminate());
  await after("opened", () => vi.advanceTimersByTime(125));
  await after("waiting: 2, 250 ms", () => current().terminate());
  await after("opened", () => vi.advanceTimersByTime(250));
  vi.advanceTimersByTime(5_000);
  await after("waiting: 1, 125 ms", () => current().terminate());
});

test("pings every 25 s whatever else is said, and hears of no pong", async () => {
  await open();
  for (let time = 0; time < 3; time += 1) {
    vi.advanceTimersByTime(20_000);
    await after("frame: more", () => socket.send("more"));
    expect(events.all.filter((event) => event === `server: ${PING}`)).toHaveLength(time);
    await after(`server: ${PING}`, () => vi.advanceTimersByTime(5_000));
    // Shows that the pong has come.
    await after("frame: again", () => socket.send("again"));
  }
  expect(events.all.filter((event) => event.includes(PONG) || event.startsWith("waiting"))).toEqual([]);
});

test("40 s without a frame: the connection is dead, whether it says so or not", async () => {
  await open();
  answer = undefined;
  await after(`server: ${PING}`, () => vi.advanceTimersByTime(25_000));
  vi.advanceTimersByTime(14_999);
  expect(events.all.filter((event) => event.startsWith("waiting"))).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(events.all.at(-1)).toBe("waiting: 1, 125 ms");
  await after("opened", () => vi.advanceTimersByTime(125));
});

test("an attempt that brings no frame is given up after 10 s", async () => {
  answer = undefined;
  await after("opened", () => socket.start());
  await after("server: hello", () => socket.send("hello"));
  vi.advanceTimersByTime(10_000);
  expect(events.all.at(-1)).toBe("waiting: 1, 125 ms");
});

test.each([
  [4500, "bad_json: What?"],
  [4502, "unauthorized: No."],
  [4999, ""],
])("S4 %i is final", async (code, reason) => {
  await open();
  await after(`ended: ${code} ${reason}`, () => current().close(code, reason));
  vi.advanceTimersByTime(60_000);
  expect(vi.getTimerCount()).toBe(0);
});

test.each([1000, 1001, 1012, 4400, 4405, 4499])("S4 %i is not", async (code) => {
  await open();
  await after("waiting: 1, 125 ms", () => current().close(code));
  await after("opened", () => vi.advanceTimersByTime(125));
});

test("the network's return, the page's, and retry() each end the wait at once", async () => {
  await open();
  for (const cause of [
    () => target.dispatchEvent(new Event("online")),
    () => page.dispatchEvent(new Event("visibilitychange")),
    () => socket.retry(),
  ]) {
    vi.advanceTimersByTime(5_000);
    await after("waiting: 1, 125 ms", () => current().terminate());
    await after("opened", cause);
    await after("frame: hello", () => socket.send("hello"));
  }
  const before = events.all.length;
  socket.retry();
  expect(events.all).toHaveLength(before);
});

test("a page that was hidden, or a network that went, makes it ask whether the connection still lives", async () => {
  await open();
  page.visibilityState = "hidden";
  page.dispatchEvent(new Event("visibilitychange"));
  page.visibilityState = "visible";
  await after(`server: ${PING}`, () => page.dispatchEvent(new Event("visibilitychange")));
  await after("frame: here", () => socket.send("here"));
  vi.advanceTimersByTime(5_000);
  expect(events.all.at(-1)).toBe("frame: here");

  onLine = false;
  answer = undefined;
  await after(`server: ${PING}`, () => target.dispatchEvent(new Event("offline")));
  vi.advanceTimersByTime(5_000);
  expect(events.all.at(-1)).toBe("waiting: 1, 125 ms");
  // Tells again how it stands, and waits on.
  target.dispatchEvent(new Event("offline"));
  expect(events.all.at(-1)).toBe("waiting: 1, 125 ms");
});

test("close leaves nothing behind: no timer, no listener, no late event", async () => {
  const peer = await open();
  const before = events.all.length;
  socket.close();
  await once(peer, "close");
  target.dispatchEvent(new Event("online"));
  expect(events.all).toHaveLength(before);
  expect(vi.getTimerCount()).toBe(0);
  await open();
});

test("without a WebSocket it ends with a word of what to do", () => {
  vi.stubGlobal("WebSocket", undefined);
  socket.start();
  expect(events.all).toEqual(["ended: 0 No WebSocket here: pass one as `connect(url, { WebSocket })`."]);
});
