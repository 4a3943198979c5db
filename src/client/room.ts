import type { Kind } from "../kinds/kind.ts";
import type { JsonObject } from "../protocol/json.ts";
import { DEFAULT_LIMITS, type Limits } from "../protocol/limits.ts";
import type { RoomMessage } from "../protocol/room/index.ts";
import type { Welcome } from "../protocol/room/welcome.ts";
import type { Permission, User } from "../protocol/user.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import { Answer } from "./answer.ts";
import { Emitter } from "./emitter.ts";
import { RoomcastError, report, terminalCode } from "./errors.ts";
import { Presence } from "./presence.ts";
import { randomText } from "./random.ts";
import { Fault, type Hooks, Replica, type Surroundings } from "./replica.ts";
import { isOffline, Socket } from "./socket.ts";
import type { ConnectOptions, MutateOptions, Room, Status } from "./types.ts";

/** When reading the state takes longer than this, in milliseconds, listeners wait, so that reading does not fill the time. */
const SLOW = 8;
/** At most this long, in milliseconds. */
const PATIENCE = 1_000;

/** A room over a reconnecting socket. Does nothing until `start`. */
export class RoomHandle<State, Intent, Op, Data extends JsonObject> implements Room<State, Intent, Data> {
  readonly kind: string;
  readonly id: string;
  readonly presence: Presence<Data>;
  readonly #options: ConnectOptions;
  readonly #limits: Limits;
  readonly #replica: Replica<State, Intent, Op>;
  readonly #socket: Socket;
  readonly #wants: Hooks<State, Op>["wants"];
  readonly #emitter = new Emitter();
  readonly #client = randomText(32);
  #status: Status = { phase: "connecting" };
  #welcome: Welcome | undefined;
  #lastError: RoomcastError | undefined;
  #started = false;
  #greeted = false;
  /** The room's clock less this machine's. */
  #ahead = 0;
  #out: string[] = [];
  #flushing = false;
  #changed = false;
  #slowly: ReturnType<typeof setTimeout> | undefined;
  #waiting: ((error?: RoomcastError) => void)[] = [];
  /** See `Shelved`. */
  wanted: (() => void) | undefined;

  constructor(
    kind: Kind<State, Intent, Op>,
    id: string,
    address: () => Promise<string>,
    options: ConnectOptions,
    hooks: Hooks<State, Op> = {},
  ) {
    this.kind = kind.name;
    this.id = id;
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...kind.limits, ...options.limits };
    const surroundings = (): Surroundings => ({
      ...(this.you !== undefined && { by: this.you }),
      ...(this.guest && { guest: this.guest }),
      ...(this.user && { user: this.user }),
      ...(this.presence.mine && { presence: this.presence.mine }),
      can: this.can,
      limits: this.#limits,
    });
    this.#wants = hooks.wants;
    this.#replica = new Replica(kind, surroundings, hooks);
    this.presence = new Presence((line) => this.#say(line));
    this.#socket = new Socket(address, options.WebSocket, {
      opened: () => this.#hello(),
      frame: (text) => this.#frame(text),
      waiting: (attempt, retryAt) => {
        this.#lost();
        this.#setStatus(isOffline() ? { phase: "offline" } : { phase: "reconnecting", attempt, retryAt });
      },
      failed: (error) => this.failed(error),
      ended: (closeCode, reason) => {
        const code = terminalCode(closeCode);
        this.#over({ phase: "closed", ...(code && { code }), reason: reason.replace(/^[a-z_]+: /, "") });
      },
    });
  }

  get status(): Status {
    return this.#status;
  }

  get state(): State | undefined {
    return this.#replica.state;
  }

  get version(): string | undefined {
    return this.#replica.version;
  }

  get pending(): number {
    return this.#replica.pending;
  }

  get you(): string | undefined {
    return this.#welcome?.you;
  }

  get guest(): string | undefined {
    return this.#welcome?.guest;
  }

  get user(): User | undefined {
    return this.#welcome?.user;
  }

  get can(): readonly Permission[] {
    return this.#welcome?.can ?? NOTHING;
  }

  get lastError(): RoomcastError | undefined {
    return this.#lastError;
  }

  /** Milliseconds since 1970 by the room's clock, as far as this machine's tells. */
  protected get now(): number {
    return Date.now() + this.#ahead;
  }

  /** See `Replica.revise`. */
  protected revise(change: (confirmed: State) => State): void {
    this.#replica.revise(change);
    this.#emit();
  }

  /** Tells listeners of a change that is the handle's own. */
  protected emit(): void {
    this.#emit();
  }

  /** Connects. */
  start(): void {
    if (this.#started || this.#status.phase === "closed") return;
    this.#started = true;
    this.#socket.start();
  }

  /** Disconnects and keeps everything, until the next `start`. */
  pause(): void {
    if (!this.#started || this.#status.phase === "closed") return;
    this.#started = false;
    this.#socket.close();
    this.#lost();
    this.presence.end();
    this.#setStatus({ phase: "connecting" });
  }

  mutate(intents: Intent | readonly Intent[], options: MutateOptions = {}): Promise<void> {
    const list: readonly unknown[] = Array.isArray(intents) ? intents : [intents];
    return new Answer((resolve, reject) => {
      if (list.length === 0) resolve();
      else this.#add(list, options, resolve, reject);
    }).watch((error) => this.#tell(error as RoomcastError));
  }

  /** Its address could not be had. Told once, however often it is tried for. */
  failed(error: unknown): void {
    const failure = new RoomcastError("no_address", error instanceof Error ? error.message : String(error));
    const again = this.#lastError?.message === failure.message;
    this.#lastError = failure;
    if (!again) this.#tell(failure);
  }

  /** The same promise, but that its rejection is told if nobody looks at it. */
  watched<T>(promise: Promise<T>): Promise<T> {
    return new Answer<T>((resolve, reject) => void promise.then(resolve, reject)).watch((error) =>
      this.#tell(error as RoomcastError),
    );
  }

  subscribe(listener: () => void): () => void {
    return this.#emitter.subscribe(listener);
  }

  ready(): Promise<void> {
    const ready = new Promise<void>((resolve, reject) => {
      const settle = (error?: RoomcastError): void => (error ? reject(error) : resolve());
      if (this.#status.phase === "closed") settle(closedError(this.#status));
      else if (this.#welcome !== undefined && this.#replica.version !== undefined) settle();
      else this.#waiting.push(settle);
    });
    ready.catch(() => {});
    return ready;
  }

  ping(): Promise<number | undefined> {
    return this.#socket.ping();
  }

  retry(): void {
    this.#socket.retry();
  }

  close(): void {
    this.#end({ phase: "closed", reason: "Closed by this client." });
  }

  #add(
    list: readonly unknown[],
    options: MutateOptions,
    resolve: () => void,
    reject: (error: RoomcastError) => void,
  ): void {
    const settle = (error?: RoomcastError): void => {
      if (error === undefined) return resolve();
      this.#lastError = error;
      reject(error);
    };
    if (this.#status.phase === "closed") return settle(closedError(this.#status));
    let text: string;
    try {
      text = JSON.stringify(list);
    } catch (error) {
      return settle(new RoomcastError("bad_intent", `Not JSON: ${String(error)}`));
    }
    const { intentBytes } = this.#limits;
    // The room would end the connection over a frame that is far too large, so it must not get there.
    if (text.length * 3 > intentBytes && new TextEncoder().encode(text).length > intentBytes) {
      return settle(new RoomcastError("too_large", `One mutation may have ${intentBytes} bytes.`));
    }
    this.#replica.add(text, options.ifVersion, this.now, settle);
    if (!this.#started) this.wanted?.();
    const first = !this.#flushing;
    this.#soon();
    // Listeners hear of the first change of a turn at once (a text field loses its caret otherwise), of the others together.
    if (first) this.#emit();
    else this.#changed = true;
  }

  /** Sends what there is to send at the end of this turn, as few frames. */
  #soon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.#send();
      if (this.#changed) this.#emit();
    });
  }

  #say(line: string): void {
    if (!this.#greeted) return;
    this.#out.push(line);
    this.#soon();
  }

  #send(): void {
    const lines = this.#out;
    this.#out = [];
    if (!this.#greeted) return;
    lines.push(...this.#replica.take());
    // UTF-16 units; a unit is at most three bytes.
    const room = this.#limits.frameBytes / 4;
    let frame = "";
    for (const line of lines) {
      if (frame !== "" && frame.length + line.length > room) {
        this.#socket.send(frame);
        frame = "";
      }
      frame += frame === "" ? line : `\n${line}`;
    }
    if (frame !== "") this.#socket.send(frame);
  }

  #hello(): void {
    const { since } = this.#replica;
    const { mine } = this.presence;
    const { guest } = this.#options;
    const hello = { t: "hello", v: PROTOCOL_VERSION, client: this.#client, guest, since, presence: mine };
    this.#socket.send(JSON.stringify({ ...hello, ...this.#wants }));
  }

  #frame(text: string): void {
    try {
      for (const line of text.split("\n")) this.#message(JSON.parse(line) as RoomMessage);
    } catch (error) {
      this.#fault(error);
      return;
    }
    this.#send();
    if (this.#replica.live && this.#status.phase !== "live") {
      for (const settle of this.#waiting.splice(0)) settle();
      this.#setStatus({ phase: "live" });
    } else {
      this.#emit();
    }
  }

  #message(message: RoomMessage): void {
    if (!this.#greeted && message.t !== "welcome" && message.t !== "refused")
      throw new Error("The first message is welcome.");
    switch (message.t) {
      case "welcome":
        this.#greeted = true;
        this.#welcome = message;
        this.#ahead = message.now - Date.now();
        this.presence.welcome(message);
        this.#replica.welcome(message);
        break;
      case "presence":
        this.presence.receive(message);
        break;
      case "mark":
        this.#out.push(JSON.stringify({ t: "ack", n: message.n }));
        break;
      case "refused":
        if (message.m === undefined) {
          this.#lastError = new RoomcastError(message.code, message.message, message);
          this.#tell(this.#lastError);
        }
        this.#replica.receive(message);
        break;
      case "ops":
      case "snapshot":
      case "done":
        this.#replica.receive(message);
        break;
      default:
        // A newer room may say more.
        message satisfies never;
    }
  }

  #fault(error: unknown): void {
    const cure = error instanceof Fault ? error.cure : "restart";
    if (cure === "stop") {
      this.#over({ phase: "closed", code: "unsupported_version", reason: (error as Fault).message });
      return;
    }
    if (cure === "restart") {
      // Healed by the reconnect, but a kind whose fold throws should not stay unseen.
      if (!(error instanceof Fault)) report(error);
      this.#replica.forget();
    }
    this.#socket.drop();
  }

  #lost(): void {
    this.#greeted = false;
    this.#out = [];
    this.#replica.lost();
  }

  /** Ended by somebody else: whoever waits for an answer is told, else whoever listens for errors. */
  #over(status: Status & { readonly phase: "closed" }): void {
    const error = closedError(status);
    this.#lastError = error;
    if (this.#replica.pending + this.#waiting.length === 0) this.#tell(error);
    this.#end(status, error);
  }

  #end(status: Status & { readonly phase: "closed" }, error = closedError(status)): void {
    if (this.#status.phase === "closed") return;
    this.#socket.close();
    this.#lost();
    this.#replica.abandon(error);
    for (const settle of this.#waiting.splice(0)) settle(error);
    this.presence.end();
    this.#setStatus(status);
  }

  #setStatus(status: Status): void {
    this.#status = status;
    this.#emit();
  }

  #emit(): void {
    this.#changed = false;
    const { cost } = this.#replica;
    if (this.#slowly !== undefined) return;
    if (cost <= SLOW) {
      this.#emitter.emit();
      return;
    }
    this.#slowly = setTimeout(
      () => {
        this.#slowly = undefined;
        this.#emitter.emit();
      },
      Math.min(2 * cost, PATIENCE),
    );
  }

  #tell(error: RoomcastError): void {
    const { onError } = this.#options;
    const where = { kind: this.kind, id: this.id };
    if (onError === undefined) {
      // oxlint-disable-next-line no-console -- the only way to whoever took no promise and set no onError
      console.warn(`roomcast: ${this.kind} ${JSON.stringify(this.id)}: ${error.code}: ${error.message}`);
      return;
    }
    try {
      onError(error, where);
    } catch (thrown) {
      report(thrown);
    }
  }
}

const NOTHING: readonly Permission[] = [];

function closedError(status: Status & { readonly phase: "closed" }): RoomcastError {
  return new RoomcastError(status.code ?? "closed", status.reason);
}
