import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** What an answer is told to, piece by piece. */
export type Sink = (piece: Buffer) => void;

export interface Reply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

interface Pending {
  readonly sink: Sink | undefined;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One HTTP/1.1 connection by hand, kept alive, one request at a time: so little of the machine goes into the load
 * that the server is what is measured.
 */
export class Wire {
  readonly #socket: Socket;
  #pending: Pending | undefined;
  #phase: "status" | "headers" | "body" | "size" | "gap" | "trailer" = "status";
  #line = "";
  #left = 0;
  #chunked = false;
  #status = 0;
  #headers = new Map<string, string>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (piece: Buffer) => this.#take(piece));
    const fail = (): void => {
      this.#pending?.reject(new Error("The server closed the connection."));
      this.#pending = undefined;
    };
    socket.on("error", fail);
    socket.on("close", fail);
  }

  static async open(port: number): Promise<Wire> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new Wire(socket);
  }

  /** Sends a request and resolves when its answer is whole; `sink` gets the body. Rejects when the connection ends before. */
  ask(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: Buffer,
    sink?: Sink,
  ): Promise<Reply> {
    if (this.#pending !== undefined) throw new Error("One request at a time.");
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    this.#pending = { sink, resolve, reject };
    let head = `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n`;
    for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
    if (method !== "GET") head += `content-length: ${body?.length ?? 0}\r\n`;
    const bytes = Buffer.from(`${head}\r\n`, "latin1");
    this.#socket.write(body === undefined ? bytes : Buffer.concat([bytes, body]));
    return promise;
  }

  close(): void {
    this.#pending = undefined;
    this.#socket.destroy();
  }

  #take(piece: Buffer): void {
    for (let at = 0; at < piece.length;) {
      if (this.#phase === "body") {
        const end = Math.min(piece.length, at + this.#left);
        this.#pending?.sink?.(piece.subarray(at, end));
        this.#left -= end - at;
        at = end;
        if (this.#left > 0) return;
        if (this.#chunked) this.#phase = "gap";
        else this.#finish();
        continue;
      }
      const end = piece.indexOf(10, at);
      this.#line += piece.toString("latin1", at, end === -1 ? piece.length : end);
      if (end === -1) return;
      at = end + 1;
      const line = this.#line.trimEnd();
      this.#line = "";
      this.#read(line);
    }
  }

  #read(line: string): void {
    switch (this.#phase) {
      case "status":
        this.#status = Number(line.slice(9, 12));
        this.#headers = new Map();
        this.#phase = "headers";
        break;
      case "headers":
        if (line === "") this.#begin();
        else
          this.#headers.set(line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim());
        break;
      case "size":
        this.#left = Number.parseInt(line, 16);
        this.#phase = this.#left === 0 ? "trailer" : "body";
        break;
      case "gap":
        this.#phase = "size";
        break;
      case "trailer":
        if (line === "") this.#finish();
        break;
      case "body":
        break;
    }
  }

  #begin(): void {
    this.#chunked = this.#headers.get("transfer-encoding") === "chunked";
    this.#left = Number(this.#headers.get("content-length") ?? 0);
    if (this.#status === 204 || this.#status === 304 || (!this.#chunked && this.#left === 0)) this.#finish();
    else this.#phase = this.#chunked ? "size" : "body";
  }

  #finish(): void {
    this.#phase = "status";
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.resolve({ status: this.#status, headers: this.#headers });
  }
}
