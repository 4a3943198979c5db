import type { DocumentIntent, FieldOperator, PatchOperation } from "../kinds/document/types.ts";
import type { ChatIntent, ChatPresence, ChatState, Message, Person, Rules } from "../kinds/chat/types.ts";
import type {
  Feature,
  FeatureChange,
  FeatureFields,
  ImportedFeature,
  LngLat,
  MapIntent,
  MapPresence,
  MapState,
  NewFeature,
} from "../kinds/map/types.ts";
import type { Json, JsonInput, JsonObject } from "../protocol/json.ts";
import type { Code } from "../protocol/codes.ts";
import type { Limits } from "../protocol/limits.ts";
import type { Permission, User } from "../protocol/user.ts";

/** How a room's connection stands. */
export type Status =
  | { readonly phase: "connecting" }
  /** In step with the room. */
  | { readonly phase: "live" }
  /**
   * Lost, and trying again: the `attempt`th time, at `retryAt` (milliseconds since 1970). `code` and `reason` say why, where
   * the server or `query` told: the room is full, its Worker is misconfigured, no address could be resolved.
   */
  | {
      readonly phase: "reconnecting";
      readonly attempt: number;
      readonly retryAt: number;
      readonly code?: Code | ClientCode;
      readonly reason?: string;
    }
  /** The browser says that there is no network; tries at once when it says otherwise. */
  | { readonly phase: "offline" }
  /** Ended for good: by `close()`, or by the room with a terminal code. */
  | { readonly phase: "closed"; readonly code?: Code; readonly reason: string };

export interface ConnectOptions {
  /** Added to the room's address, as the Worker's `authorize` expects it; asked again before each connect. */
  readonly query?: () => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /**
   * A secret of whoever sits there, 16 to 64 characters of `A-Z a-z 0-9 _ -`, which the application keeps: with the same one
   * a guest is the same person after a reload, and in every tab. Rooms and others see a name made of it, another in each room.
   */
  readonly guest?: string;
  /** The WebSocket class, where the runtime has no global one (Node before 22: the `ws` package's). */
  readonly WebSocket?: WebSocketClass;
  /**
   * Whether cookies go with what is fetched over HTTP, such as the older messages of a chat: `include` where the Worker is of
   * another origin and `authorize` goes by cookies. WebSockets always bring them.
   */
  readonly credentials?: RequestCredentials;
  /** The rooms' limits, where they are not the default ones: a mutation over `intentBytes` is refused before it is sent. */
  readonly limits?: Partial<Limits>;
  /**
   * Called with every error that nobody else gets: the rejection of a promise that nobody looked at, what the room
   * refused outside of any mutation, and why a room cannot be reached, as the server said (`internal`, `room_full`) or
   * `query` (`no_address`), once until it changes. Without `onError`, they are written to the console as warnings.
   */
  readonly onError?: (error: RoomcastErrorFields & Error, room: { readonly kind: string; readonly id: string }) => void;
}

/** A WebSocket class: the browsers', Node's, or that of the `ws` package. */
export type WebSocketClass = new (...address: never[]) => {
  readonly readyState: number;
  send(text: string): void;
  close(): void;
};

/** Who else is here. Keys are connection ids: one person with two tabs is two. */
export interface Peer<Presence extends object = JsonObject> {
  readonly conn: string;
  readonly by: string;
  /** The guest's public name in this room: one guest may be there with several clients. */
  readonly guest?: string;
  readonly user?: User;
  readonly data: Presence;
}

export interface RoomPresence<Presence extends object = JsonObject> {
  /** The others, without this connection; the same array until something changes. */
  readonly peers: readonly Peer<Presence>[];
  /** Joins the roster, or replaces what it shows of this client. Kept across reconnects. Throws `bad_intent` for what is not JSON. */
  set(data: Presence): void;
  /** Leaves the roster. */
  clear(): void;
  /** Calls back at each change; returns the way to stop. */
  subscribe(listener: () => void): () => void;
}

/** A mutation that the room refused, or that can no longer be settled; or a room that cannot be asked. */
export interface RoomcastErrorFields {
  /** One of PROTOCOL.md's table; or, of the client's own, `closed`, and `no_address` when `query` or the address failed. */
  readonly code: Code | ClientCode;
  readonly intent?: number;
  readonly path?: string;
  readonly retryAfter?: number;
}

export type ClientCode = "closed" | "no_address";

export interface MutateOptions {
  /** Refuse unless the room is at this version before the mutation. */
  readonly ifVersion?: string;
}

/** A live room of any kind. `state` is optimistic: what the room confirmed, with this client's pending intents over it. */
export interface Room<State, Intent, Presence extends object = JsonObject> {
  /** The name of the room's kind, such as `document`. */
  readonly kind: string;
  readonly id: string;
  readonly status: Status;
  /** Undefined until the first snapshot. Frozen. */
  readonly state: State | undefined;
  /** The version that the room confirmed, `<epoch>.<seq>`; undefined until the first snapshot. */
  readonly version: string | undefined;
  /** Mutations not yet answered. */
  readonly pending: number;
  /** This client's public name, as in `entries[].by` of the history; undefined until first live. */
  readonly you: string | undefined;
  /** The public name in this room of the guest that `ConnectOptions.guest` makes of this client; undefined for users. */
  readonly guest: string | undefined;
  readonly user: User | undefined;
  readonly can: readonly Permission[];
  readonly presence: RoomPresence<Presence>;
  /**
   * The latest error of this room, whether or not a promise brought it too. Undefined again once the room is live, for an
   * error of the connection, or once a later mutation has succeeded.
   */
  readonly lastError: (RoomcastErrorFields & Error) | undefined;
  /**
   * Applies now, settles when the room answers: resolves once it is durable, rejects with a RoomcastError after
   * rolling back. Mutations made while there is no connection wait for one.
   *
   * Nobody has to look at the promise. A rejection of one that was never awaited, and has no `then` or `catch`, goes
   * to `ConnectOptions.onError`; it is not an unhandled rejection, so it cannot end a Node process.
   */
  mutate(intents: Intent | readonly Intent[], options?: MutateOptions): Promise<void>;
  /** Calls back after each change of state, status or pending; returns the way to stop. */
  subscribe(listener: () => void): () => void;
  /** Resolves when first live; rejects when closed before. */
  ready(): Promise<void>;
  /** The time to the room's server and back, in milliseconds; undefined while not live. Does not wake a sleeping room. */
  ping(): Promise<number | undefined>;
  /** Tries again now rather than at `retryAt`. Does nothing unless reconnecting or offline. */
  retry(): void;
  /** Leaves. What is still pending is rejected with code `closed`. */
  close(): void;
}

/** `T` as a room shows it: frozen through and through. */
export type DeepReadonly<T> = Json extends T
  ? T
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

/** A document of shape `T` as it is read: frozen, and without any of its keys until somebody has set them, as it begins as `{}`. */
export type DocumentValue<T> = Json extends T
  ? T
  : T extends readonly unknown[]
    ? DeepReadonly<T>
    : T extends object
      ? DeepReadonly<Partial<T>>
      : T;

/**
 * A live JSON document. `T` is its shape as the application knows it, an interface or a type: the room checks that it is JSON,
 * not more.
 */
export interface DocumentHandle<T = Json, Presence extends object = JsonObject> extends Room<
  Json,
  DocumentIntent<JsonInput, object>,
  Presence
> {
  /** Frozen: to change the document, mutate it. The same object until something changes. */
  readonly value: DocumentValue<T> | undefined;
  set(value: T | DeepReadonly<T>, options?: MutateOptions): Promise<void>;
  /** Shallow: replaces the given top-level keys. */
  merge(value: Partial<T> | DeepReadonly<Partial<T>>, options?: MutateOptions): Promise<void>;
  /** RFC 7396: nested merge, null removes. */
  mergePatch(patch: JsonInput, options?: MutateOptions): Promise<void>;
  /** RFC 6902. */
  patch(operations: readonly PatchOperation<JsonInput>[], options?: MutateOptions): Promise<void>;
  /** Field operators: increment, union, remove, delete, serverTime, put. */
  update(fields: readonly FieldOperator<JsonInput>[], options?: MutateOptions): Promise<void>;
}

/**
 * A message as this client shows it. One that the room has numbered is a `Message` as it is; one that it has not has
 * the number 0, and is either on its way or was refused.
 */
export interface ChatMessage extends Message {
  readonly sending?: true;
  /** Why the room did not take it. It stays, for `resend` or `discard`. */
  readonly error?: RoomcastErrorFields & Error;
}

/** Somebody who is here, on however many connections. */
export interface ChatMember {
  readonly person: Person;
  readonly name: string;
  /** `#rrggbb`. */
  readonly color?: string;
  readonly typing: boolean;
}

/** A chat room. Every promise settles as `mutate` says. */
export interface ChatHandle extends Room<ChatState, ChatIntent, ChatPresence> {
  /**
   * The messages that are held, oldest first, this client's unanswered ones among them; undefined until the first
   * snapshot. At first the last 100, then also what comes and what `loadOlder` brought. The same array until something
   * changes, and in it the same objects.
   */
  readonly messages: readonly ChatMessage[] | undefined;
  /** The room has messages before the first of `messages`. */
  readonly hasOlder: boolean;
  readonly loadingOlder: boolean;
  /**
   * After an absence so long that the room told only its end: the number of the message before which some are missing.
   * They are being fetched, and put in their place; undefined when they are there.
   */
  readonly gap: number | undefined;
  /** The others, without this person, by name. The same array until something changes. */
  readonly members: readonly ChatMember[];
  /** Who this person is to the room, as in `Message.from`; undefined until first live. */
  readonly me: Person | undefined;
  /** Says who this client is: what its messages are under. A name that the Worker vouches for goes before `name`. */
  introduce(me: { readonly name: string; readonly color?: string }): void;
  /** Shows at once in `messages`, marked as on its way. Refused, it stays there, with the error. */
  send(text: string, options?: { readonly reply?: number }): Promise<void>;
  /** Sends a refused message again, by its `key`; with `asReply: false` as one that answers nothing. */
  resend(key: string, options?: { readonly asReply?: boolean }): Promise<void>;
  /** Takes a refused message away, by its `key`. */
  discard(key: string): void;
  edit(n: number, text: string): Promise<void>;
  /** Erases the text of a message; its number stays. */
  delete(n: number): Promise<void>;
  react(n: number, reaction: string): Promise<void>;
  unreact(n: number, reaction: string): Promise<void>;
  /** Fetches the messages before those held. Resolves with whether there are still more; rejects where it could not. */
  loadOlder(): Promise<boolean>;
  /** Lets go of all but the latest `keep` messages, 100 at least; they can be loaded again. */
  forgetOlder(keep: number): void;
  /** This person is writing; to be called at each key. Ends by itself after a few seconds, and with `send`. */
  typing(): void;
  /** Tells everybody that this person has read as far as message `n`. Goes to the log: call it rarely. */
  markRead(n: number): Promise<void>;
  /** Keeps the author of message `n` from speaking, for so many milliseconds or until `unmute`. Needs `admin`, as do those below. */
  mute(n: number, duration?: number): Promise<void>;
  unmute(person: Person): Promise<void>;
  /** Puts the author of message `n` out, for so many milliseconds or until `unban`. */
  ban(n: number, duration?: number): Promise<void>;
  unban(person: Person): Promise<void>;
  setRules(rules: Partial<Rules>): Promise<void>;
}

/** A live map: pins, routes and areas by id, as GeoJSON has them, and where people are. */
export interface MapHandle extends Room<MapState, MapIntent, MapPresence> {
  /** By id; the same object until one changes. Undefined until the first snapshot. */
  readonly features: ReadonlyMap<string, Feature> | undefined;
  /** Whether this client has a change that it can take back. */
  readonly canUndo: boolean;
  feature(id: string): Feature | undefined;
  addPin(at: LngLat, fields?: FeatureFields): AddedFeature;
  /** Two positions or more. */
  addRoute(line: readonly LngLat[], fields?: FeatureFields): AddedFeature;
  /** The corners of an area, three or more; closed when they are not. */
  addArea(ring: readonly LngLat[], fields?: FeatureFields): AddedFeature;
  addFeature(feature: NewFeature, id?: string): AddedFeature;
  /** Field by field: a given one replaces, null removes it, an absent one stays. */
  updateFeature(id: string, change: FeatureChange): Promise<void>;
  /** One more position of a route, at the end or with the index `at`. */
  addPoint(id: string, point: LngLat, at?: number): Promise<void>;
  removeFeature(id: string): Promise<void>;
  /** The pin that the one-pin wire format knows: makes it or moves it. */
  setPin(at: LngLat): Promise<void>;
  /** All of them or none. An id that is taken is replaced by a new one. */
  import(features: readonly ImportedFeature[]): Promise<void>;
  /** Takes back this client's newest change. Rejects with `conflict` when somebody has changed the same since. */
  undo(): Promise<void>;
}

export interface AddedFeature {
  /** Its id, known at once. */
  readonly id: string;
  /** As what `mutate` returns. */
  readonly done: Promise<void>;
}
