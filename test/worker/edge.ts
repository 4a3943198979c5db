import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { createWorker, type EdgeOptions } from "../../src/edge/index.ts";
import { CODES, type Code } from "../../src/protocol/codes.ts";

/** The Worker of a test, called as the runtime would call it, with real rooms behind it. */
export interface Edge {
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>;
}

export const ORIGIN = "http://rooms.example";

/** A Worker with documents and counters, and whatever else a test wants of it. */
export function edge(options: Partial<EdgeOptions<Cloudflare.Env>> = {}): Edge {
  const worker = createWorker<Cloudflare.Env>({
    documents: (bindings) => bindings.DOCUMENTS,
    rooms: { counter: (bindings) => bindings.COUNTERS },
    ...options,
  });
  return {
    fetch: async (path, init) => {
      const request = new Request(path.startsWith("http") ? path : ORIGIN + path, init) as Request<
        unknown,
        IncomingRequestCfProperties
      >;
      return worker.fetch(request, env, createExecutionContext());
    },
  };
}

/** A request with a JSON body. */
export function json(method: string, body: unknown, headers: Record<string, string> = {}): RequestInit {
  return { method, body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } };
}

interface ErrorBody {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly intent?: number;
    readonly path?: string;
  };
}

/** The status and code of a refusal; throws for a response that is not one in the form of the documentation and the table. */
export async function refusal(response: Response): Promise<string> {
  const { error } = await response.json<ErrorBody>();
  if (response.headers.get("content-type") !== "application/json; charset=utf-8") throw new Error("Not sent as JSON");
  const extra = Object.keys(error).filter((key) => !["code", "message", "intent", "path", "retryAfter"].includes(key));
  if (extra.length > 0 || typeof error.message !== "string") throw new Error(`Not an error body: ${extra.join()}`);
  const row: { readonly status: number } | undefined = CODES[error.code as Code];
  if (row?.status !== response.status) throw new Error(`Not a row of the table: ${response.status} ${error.code}`);
  return `${response.status} ${error.code}`;
}

/** The version that a write answers with; throws when it was refused. */
export async function versionOf(response: Response): Promise<string> {
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  const { version } = await response.json<{ version: string }>();
  if (response.headers.get("etag") !== `"${version}"`) throw new Error("The ETag is not the version");
  return version;
}

export interface ServerEvent {
  readonly event: string;
  readonly id?: string;
  readonly data: unknown;
}

/** Reads server-sent events as a browser does: names, ids, data. */
export class EventReader {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor(response: Response) {
    if (response.body === null) throw new Error(`No events: ${response.status}`);
    this.#reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next event; undefined at the end of the stream. Comments, retry fields and positions are passed over. */
  async next(): Promise<ServerEvent | undefined> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end === -1) {
        const { done, value } = await this.#reader.read();
        if (done) return undefined;
        this.#text += value;
        continue;
      }
      const block = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 2);
      const fields = new Map(block.split("\n").map((line) => [line.split(": ", 1)[0], line.replace(/^[^:]*: /, "")]));
      const data = fields.get("data");
      if (data === undefined || fields.get("event") === "position") continue;
      const id = fields.get("id");
      return {
        event: fields.get("event") ?? "message",
        ...(id === undefined ? {} : { id }),
        data: JSON.parse(data) as unknown,
      };
    }
  }

  async take(count: number): Promise<readonly (ServerEvent | undefined)[]> {
    const events: (ServerEvent | undefined)[] = [];
    while (events.length < count) events.push(await this.next());
    return events;
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}
