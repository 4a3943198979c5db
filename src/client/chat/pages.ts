import type { ChatOp, ChatState, Message } from "../../kinds/chat/types.ts";
import type { Code } from "../../protocol/codes.ts";
import { parseVersion } from "../../protocol/position.ts";
import { type Place, resourceOf } from "../address.ts";
import { backoff } from "../backoff.ts";
import { RoomcastError } from "../errors.ts";
import { bringUp, type ChatKind, dropBefore, putStretch } from "./long.ts";

/** Messages that one request asks for. */
const PAGE = 100;
/** So many messages are fetched to fill a gap; when it is longer, what was before it is let go. */
const FILL = 2_000;

/** What the pages of a room's history need of its handle. */
export interface Host {
  readonly kind: ChatKind;
  /** The confirmed state, and the position that it is at. */
  readonly state: () => ChatState | undefined;
  readonly version: () => string | undefined;
  readonly live: () => boolean;
  readonly place: Place;
  readonly revise: (change: (state: ChatState) => ChatState) => void;
  readonly changed: () => void;
  readonly credentials: RequestCredentials | undefined;
}

interface Page {
  /** Newest first. */
  readonly messages: readonly Message[];
  /** What to ask for next with `before`; absent at the oldest that is retained. */
  readonly next?: number;
  /** The version of the room at which the page was true. */
  readonly version: string;
}

/** Fetches what the room's snapshot does not hold: what is scrolled back to, and what was missed while away. */
export class Pages {
  /** There is nothing before what is held. */
  complete = false;
  /** Fetching what is before. */
  loading = false;
  /** Messages with a lower number have yet to be fetched anew, down to `#down`. */
  #gap: number | undefined;
  #down = 0;
  #filling = false;
  #missing = false;
  /** Confirmed while pages are being fetched: a page may be older than what is shown. */
  #since: { readonly seq: number; readonly op: ChatOp }[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** The number of the message before which some are missing, while they are being fetched. */
  get gap(): number | undefined {
    return this.#missing ? this.#gap : undefined;
  }

  /** Nothing that was held is any more: another history. */
  reset(): void {
    this.complete = false;
    this.#gap = undefined;
    this.#since = [];
  }

  confirmed(op: ChatOp, seq: number): void {
    if ((this.loading || this.#filling) && op.type !== "send") this.#since.push({ seq, op });
  }

  /** A snapshot came in place of ops: what is held from before it may miss messages, and changes to them. */
  doubt(before: ChatState, snapshot: ChatState): void {
    const [first] = snapshot.recent;
    const [oldest] = before.recent;
    if (first === undefined || oldest === undefined || oldest.n >= first.n) return;
    // Where a gap was not filled yet, all from its foot upwards is asked for again.
    this.#down = this.#gap === undefined ? oldest.n : Math.min(this.#down, oldest.n);
    this.#missing =
      (this.#gap !== undefined && this.#missing) || snapshot.count - before.count > snapshot.recent.length;
    this.#gap = first.n;
  }

  /** Fetches what is missing, as long as the room can be reached. */
  fill(): void {
    if (this.#gap === undefined || this.#filling) return;
    this.#filling = true;
    void this.#fill().finally(() => {
      this.#filling = false;
      this.#forget();
      this.#host.changed();
    });
  }

  /** Fetches the messages before those held. Resolves with whether there are more; rejects where the room cannot be read. */
  async older(): Promise<boolean> {
    const first = this.#host.state()?.recent[0];
    if (this.complete || this.loading || first === undefined) return !this.complete;
    this.loading = true;
    this.#host.changed();
    try {
      let before = first.n;
      for (;;) {
        const page = await this.#ask(before);
        // Meanwhile the room may have been cleared, or what was first let go.
        if (this.#host.state()?.recent[0]?.n !== first.n) return true;
        this.#put(page, before);
        if (page.next === undefined) this.complete = true;
        if (page.next === undefined || page.messages.length > 0) return !this.complete;
        before = page.next;
      }
    } finally {
      this.loading = false;
      this.#forget();
      this.#host.changed();
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  async #fill(): Promise<void> {
    let fetched = 0;
    for (let failures = 0; this.#gap !== undefined;) {
      if (!this.#host.live()) return;
      const before = this.#gap;
      let page: Page;
      try {
        page = await this.#ask(before);
        failures = 0;
      } catch {
        failures += 1;
        await new Promise<void>((resolve) => {
          this.#timer = setTimeout(resolve, 250 + backoff(failures));
        });
        continue;
      }
      // Another snapshot came meanwhile, and with it another gap.
      if (this.#gap !== before) continue;
      this.#put(page, before);
      fetched += page.messages.length;
      const next = page.next ?? 0;
      this.#gap = next > this.#down ? next : undefined;
      if (page.next === undefined) this.complete = true;
      if (this.#gap !== undefined && fetched >= FILL) {
        this.#gap = undefined;
        this.complete = false;
        this.#host.revise((state) => dropBefore(state, next));
      }
    }
  }

  #put({ messages, next = 0, version }: Page, before: number): void {
    const { kind, revise } = this.#host;
    const at = parseVersion(version);
    // Of a history that is no more; the snapshot of the new one is on its way.
    if (at?.epoch !== parseVersion(this.#host.version() ?? "")?.epoch) return;
    const later = this.#since.filter(({ seq }) => at === undefined || seq > at.seq).map(({ op }) => op);
    const upToDate = bringUp(kind, messages.toReversed(), later);
    revise((state) => putStretch(state, { from: next, before, messages: upToDate }));
  }

  #forget(): void {
    if (!this.loading && !this.#filling) this.#since = [];
  }

  async #ask(before: number): Promise<Page> {
    const address = resourceOf(await this.#host.place(), "messages", `before=${before}&limit=${PAGE}`);
    const response = await fetch(address, this.#host.credentials ? { credentials: this.#host.credentials } : {});
    if (response.ok) return (await response.json()) as Page;
    // A proxy on the way may answer anything.
    const { error } = (await response.json().catch(() => ({}))) as { error?: { code: Code; message: string } };
    throw new RoomcastError(error?.code ?? "internal", error?.message ?? `The room answered ${response.status}.`);
  }
}
