import type { Kind } from "../kinds/kind.ts";
import type { JsonObject } from "../protocol/json.ts";
import { DEFAULT_LIMITS, type Limits } from "../protocol/limits.ts";
import type { RoomMessage } from "../protocol/room/index.ts";
import type { Welcome } from "../protocol/room/welcome.ts";
import type { Permission, User } from "../protocol/user.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import type { Place } from "./address.ts";
import { Answer } from "./answer.ts";
import { Emitter } from "./emitter.ts";
import { RoomcastError, errorOfClose, report } from "./errors.ts";
import { byteLength, jsonText } from "./json.ts";
import { Presence } from "./presence.ts";
import { randomText } from "./random.ts";
import { Fault, type Hooks, Replica, type Surroundings } from "./replica.ts";
import { Socket } from "./socket.ts";
import { closedStatus, waitingStatus, warn } from "./status.ts";
import type { ConnectOptions, MutateOptions, Room, Status } from "./types.ts";

/** When reading the state takes longer than this, in milliseconds, listeners wait, so that reading does not fill the time. */
const SLOW = 8;
/** At most this long, in milliseconds. */
const PATIENCE = 1_000;

/** A room over a reconnecting socket. Does nothing until `start`. */
export class RoomHandle<State, Intent, Op, Data extends object> implements Room<State, Intent, Data> {
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
  /** Why the room is not live, as far as anybody said. */
  #obstacle: RoomcastError | undefined;
  #started = false;
  /** Set once this handle is closed for good. */
  #ended: RoomcastError | undefined;
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
    place: Place,
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
      // An interface is no JsonObject to TypeScript; `set` has checked that it is JSON.
      ...(this.presence.mine && { presence: this.presence.mine as object as JsonObject }),
      can: this.can,
      limits: this.#limits,
    });
    this.#wants = hooks.wants;
    this.#replica = new Replica(kind, surroundings, hooks);
    this.presence = new Presence((line) => this.#say(line));
    this.#socket = new Socket(place, options.WebSocket, {
      opened: () => this.#hello(),
      frame: (text) => this.#frame(text),
      waiting: (attempt, retryAt, closeCode, reason) => {
        this.#lost();
        this.obstructed(errorOfClose(closeCode, reason, this.#obstacle));
        this.#setStatus(waitingStatus(attempt, retryAt, this.#obstacle));
      },
      failed: (error) => this.obstructed(error),
      ended: (closeCode, reason) =>
        this.#over(errorOfClose(closeCode, reason, this.#obstacle) ?? new RoomcastError("closed", reason)),
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
    if (this.#started || this.#ended) return;
    this.#started = true;
    this.#socket.start();
  }

  /** Disconnects and keeps everything, until the next `start`. */
  pause(): void {
    if (!this.#started || this.#ended) return;
    this.#started = false;
    this.#socket.close();
    this.#lost();
    this.presence.end();
    this.#setStatus({ phase: "connecting" });
  }

  mutate(intents: Intent | readonly Intent[], options: MutateOptions = {}): Promise<void> {
    const list: readonly unknown[] = Array.isArray(intents) ? intents : [intents];
    return this.#answer((resolve, reject) => {
      if (list.length === 0) resolve();
      else this.#add(list, options, resolve, reject);
    });
  }

  /** Something keeps the room from being live, until `unobstructed`. Reported once, however often it happens again. */
  obstructed(error: RoomcastError | undefined): void {
    if (error === undefined || error === this.#obstacle) return;
    const again = this.#obstacle?.message === error.message;
    this.#obstacle = this.#lastError = error;
    if (!again) this.#tell(error);
  }

  unobstructed(): void {
    if (this.#lastError === this.#obstacle) this.#lastError = undefined;
    this.#obstacle = undefined;
  }

  /** The same promise, but that its rejection is told if nobody looks at it. */
  watched<T>(promise: Promise<T>): Promise<T> {
    return this.#answer((resolve, reject) => void promise.then(resolve, reject));
  }

  subscribe(listener: () => void): () => void {
    return this.#emitter.subscribe(listener);
  }

  ready(): Promise<void> {
    const ready = new Promise<void>((resolve, reject) => {
      const settle = (error?: RoomcastError): void => (error ? reject(error) : resolve());
      if (this.#ended) settle(this.#ended);
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
    this.#end(new RoomcastError("closed", "Closed by this client."));
  }

  #answer<T>(settle: ConstructorParameters<typeof Answer<T>>[0]): Promise<T> {
    return new Answer(settle).watch((error) => this.#tell(error as RoomcastError));
  }

  #add(
    list: readonly unknown[],
    options: MutateOptions,
    resolve: () => void,
    reject: (error: RoomcastError) => void,
  ): void {
    const before = this.#lastError;
    const settle = (error?: RoomcastError): void => {
      if (error === undefined) {
        // What went wrong before this mutation was made is over; what went wrong since is not.
        if (this.#lastError === before) this.#lastError = undefined;
        return resolve();
      }
      this.#lastError = error;
      reject(error);
    };
    if (this.#ended) return settle(this.#ended);
    let text: string;
    try {
      text = `[${list.map((each, intent) => jsonText(each, { intent })).join(",")}]`;
    } catch (error) {
      return settle(error as RoomcastError);
    }
    const { intentBytes } = this.#limits;
    // The room would end the connection over a frame that is far too large, so it must not get there.
    if (text.length * 3 > intentBytes && byteLength(text) > intentBytes) {
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

  #say(line: string): boolean {
    if (!this.#greeted) return false;
    this.#out.push(line);
    this.#soon();
    return true;
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
    const presence = this.presence.hello();
    const { guest } = this.#options;
    const hello = { t: "hello", v: PROTOCOL_VERSION, client: this.#client, guest, since, presence };
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
      this.unobstructed();
      this.#status = { phase: "live" };
    }
    this.#callBack();
  }

  #message(message: RoomMessage): void {
    if (!this.#greeted && message.t !== "welcome" && message.t !== "refused") throw new Error("No welcome first.");
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
          const error = new RoomcastError(message.code, message.message, message);
          if (this.#greeted) this.#tell((this.#lastError = error));
          else this.obstructed(error);
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
      this.#over(new RoomcastError("unsupported_version", (error as Fault).message));
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

  /** Ended by somebody else: if nobody waits for an answer that tells of it, `onError` does. */
  #over(error: RoomcastError): void {
    this.#lastError = error;
    if (this.#replica.pending + this.#waiting.length === 0) this.#tell(error);
    this.#end(error);
  }

  #end(error: RoomcastError): void {
    if (this.#ended) return;
    this.#ended = error;
    this.#socket.close();
    this.#lost();
    this.#replica.abandon(error);
    for (const settle of this.#waiting.splice(0)) settle(error);
    this.presence.end();
    this.#setStatus(closedStatus(error));
  }

  #setStatus(status: Status): void {
    this.#status = status;
    this.#callBack();
  }

  /** Calls all listeners. Comes last wherever it comes: a listener may mutate, close or ask for the room again. */
  #callBack(): void {
    this.presence.tell();
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

  /** Later in this turn, so that `onError` may do what it wants with the room. */
  #tell(error: RoomcastError): void {
    const { kind, id } = this;
    queueMicrotask(() => {
      try {
        (this.#options.onError ?? warn)(error, { kind, id });
      } catch (thrown) {
        report(thrown);
      }
    });
  }
}

const NOTHING: readonly Permission[] = [];
