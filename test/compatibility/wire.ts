import { WebSocket } from "ws";
import { readFrames } from "../../src/cli/tail-frames.ts";

/** How long to wait for what should come, in milliseconds. Only a failing test waits so long. */
const PATIENCE_MS = 5_000;

export interface HttpOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** The body as JSON, as text, or as bytes. */
  readonly json?: unknown;
  readonly text?: string;
  readonly base64?: string;
}

/** What came over one connection, in order. */
class Inbox {
  readonly #items: string[] = [];
  #waiting: (() => void) | undefined;

  push(item: string): void {
    this.#items.push(item);
    this.#waiting?.();
  }

  async next(who: string): Promise<string> {
    if (this.#items.length === 0) {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`Nothing came for ${who}.`)), PATIENCE_MS);
        this.#waiting = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#waiting = undefined;
    }
    return this.#items.shift() ?? "";
  }
}

/** Connections to a server by name, and what comes over them, one line each. */
export class Wire {
  readonly #url: string;
  readonly #inboxes = new Map<string, Inbox>();
  readonly #sockets = new Map<string, WebSocket>();
  readonly #requests = new Map<string, AbortController>();

  constructor(url: string) {
    this.#url = url;
  }

  /** The next line that came: `<- …`, or `is closed <code> <reason>`. */
  next(who: string): Promise<string> {
    return this.#inbox(who).next(who);
  }

  async connect(who: string, path: string, protocol: string | undefined): Promise<void> {
    const url = this.#url.replace(/^http/, "ws") + path;
    const socket = protocol === undefined ? new WebSocket(url) : new WebSocket(url, protocol);
    const inbox = this.#inbox(who);
    this.#sockets.set(who, socket);
    socket.on("message", (data: Buffer) => {
      const lines = protocol === undefined ? [data.toString()] : data.toString().split("\n");
      for (const line of lines) inbox.push(`<- ${line}`);
    });
    socket.on("close", (code, reason) => inbox.push(`is closed ${code} ${reason.toString()}`.trimEnd()));
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.on("error", reject);
    });
  }

  send(who: string, text: string): void {
    this.#sockets.get(who)?.send(text);
  }

  /** Resolves when the socket is closed; that is not a line. */
  async close(who: string): Promise<void> {
    const socket = this.#sockets.get(who);
    if (socket === undefined || socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.close(1000);
    await closed;
    await this.next(who);
  }

  /** Server-sent events: first the head of the answer, then one line for each event as `EventSource` would give it. */
  async listen(who: string, path: string, headers: Readonly<Record<string, string>>): Promise<void> {
    const control = new AbortController();
    this.#requests.set(who, control);
    const response = await fetch(this.#url + path, {
      headers: { accept: "text/event-stream", ...headers },
      signal: control.signal,
    });
    const inbox = this.#inbox(who);
    inbox.push(`<- ${JSON.stringify({ status: response.status, headers: listed(response.headers) })}`);
    void this.#read(inbox, response).catch(() => undefined);
  }

  async #read(inbox: Inbox, response: Response): Promise<void> {
    let last = "";
    if (response.body !== null) {
      for await (const { event = "message", id, data } of readFrames(response.body, () => undefined)) {
        last = id ?? last;
        // Nobody listened for these when the conversations were recorded.
        if (event === "position") continue;
        if (data !== undefined) inbox.push(`<- ${JSON.stringify({ event, id: last, data })}`);
      }
    }
    inbox.push("is ended");
  }

  /** A request whose answer is awaited later, by `next`. */
  ask(who: string, path: string): void {
    const inbox = this.#inbox(who);
    void this.request("GET", path, {}).then(
      (answer) => inbox.push(`<- ${answer}`),
      (error: unknown) => inbox.push(`fails ${String(error)}`),
    );
  }

  stop(who: string): void {
    this.#requests.get(who)?.abort();
  }

  async request(method: string, path: string, { headers, json, text, base64 }: HttpOptions): Promise<string> {
    const body =
      json !== undefined ? JSON.stringify(json) : base64 !== undefined ? Buffer.from(base64, "base64") : text;
    const response = await fetch(this.#url + path, {
      method,
      redirect: "manual",
      headers: { ...(json === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    return `${response.status} ${JSON.stringify({ headers: listed(response.headers), ...describeBody(bytes) })}`;
  }

  /** Ends everything that is open. */
  end(): void {
    for (const socket of this.#sockets.values()) socket.terminate();
    for (const request of this.#requests.values()) request.abort();
  }

  #inbox(who: string): Inbox {
    const inbox = this.#inboxes.get(who) ?? new Inbox();
    this.#inboxes.set(who, inbox);
    return inbox;
  }
}

/** As text, so that it is compared to the letter; as base64 where it is not text. */
function describeBody(bytes: Buffer): object {
  if (bytes.length === 0) return {};
  const text = bytes.toString("utf8");
  return Buffer.from(text, "utf8").equals(bytes) ? { text } : { base64: bytes.toString("base64") };
}

/** The headers that clients go by. */
const LISTED = [
  "content-type",
  "content-disposition",
  "etag",
  "location",
  "allow",
  "accept-patch",
  "stream-next-offset",
  "stream-cursor",
  "stream-up-to-date",
  "stream-closed",
  "stream-ttl",
  "stream-expires-at",
  "stream-sse-data-encoding",
  "producer-epoch",
  "producer-seq",
  "producer-expected-seq",
  "producer-received-seq",
];

function listed(headers: Headers): Readonly<Record<string, string>> {
  return Object.fromEntries(
    LISTED.flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
}
