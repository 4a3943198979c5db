import {
  compileFilter,
  type EventInfo,
  type StreamReset,
  type SubscribeOptions,
  type SubscriptionStatus,
} from "roomcast";
import { Refusal } from "../../../src/protocol/refusal.ts";
import { plural } from "../lib/format.ts";
import { isObject, type Json } from "../lib/json.ts";
import type { Live } from "../room/use-live.ts";
import { Tail, type TailView } from "./tail.ts";
import { LiveWindow, type View } from "./window.ts";

/** How often what is shown may change, in milliseconds: between two, events are only counted. */
const PACE = 100;
/** Drawing may take this part of the time, so that a busy stream on a slow machine leaves the page to its reader. */
const SHARE = 1 / 5;
/** However slow it is, what is shown is not older than this, in milliseconds. */
const PATIENCE = 2_000;
/** The events that are asked for when the page opens. */
const BACK = 1_000;
/** How long the page says that it has caught up, in milliseconds. */
const CAUGHT = 10_000;

export interface Following {
  retry(): void;
  close(): void;
}

export type FollowOptions = Required<Pick<SubscribeOptions, "from" | "onReset" | "onStatus">>;

/** How the feed gets at a stream: `subscribe` of its handle. */
export type Follow = (options: FollowOptions, listener: (event: Json, info: EventInfo) => void) => Following;

/** All that the page shows, at one moment. */
export interface Shown {
  readonly view: View;
  readonly tail: TailView;
  /** Until its events have come for the first time, a stream is neither empty nor not. */
  readonly stage: "loading" | "empty" | "there";
  /** What the last loss of the connection came to, for as long as that is news. */
  readonly caughtUp: string | undefined;
  /** What is wrong with the filter. */
  readonly fault: string | undefined;
  readonly paused: boolean;
  readonly filter: string;
}

/** One followed stream: takes every event as it comes, and says what to show a few times a second. */
export class Feed implements Live {
  // What the parts of the page that show a connection ask for.
  readonly pending = 0;
  readonly you = undefined;
  readonly can = [];
  readonly #window = new LiveWindow();
  readonly #tail = new Tail();
  readonly #listeners = new Set<() => void>();
  #following: Following | undefined;
  #status: SubscriptionStatus = { phase: "connecting" };
  #shown: Shown;
  #ready = false;
  #any = false;
  #paused = false;
  #filter = "";
  #fault: string | undefined;
  #caughtUp: { readonly text: string; readonly until: number } | undefined;
  /** Since when there is no connection, milliseconds since 1970; undefined while there is one. */
  #lost: number | undefined;
  /** The room's clock less this machine's, as live events tell it. */
  #ahead: number | undefined;
  #scheduled: ReturnType<typeof setTimeout> | undefined;
  #frame = 0;
  #beat: ReturnType<typeof setInterval> | undefined;
  #drawn = 0;
  /** What the last drawing cost, until it was painted, in milliseconds. */
  #cost = 0;

  constructor() {
    this.#shown = this.#show();
  }

  get status(): SubscriptionStatus {
    return this.#status;
  }

  readonly shown = (): Shown => this.#shown;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Follows until the returned function is called. */
  start(follow: Follow): () => void {
    this.#window.clear();
    this.#tail.clear();
    this.#following = follow(
      {
        from: { last: BACK },
        onStatus: (status) => this.#changed(status),
        onReset: ({ reason, missed }) => {
          this.#tail.note(resetWords(reason, missed));
          this.#soon();
        },
      },
      (value, meta) => this.#take(value, meta),
    );
    this.#beat = setInterval(() => this.#soon(), 1000);
    return () => {
      this.#following?.close();
      clearInterval(this.#beat);
      clearTimeout(this.#scheduled);
      cancelAnimationFrame(this.#frame);
      this.#scheduled = undefined;
    };
  }

  retry(): void {
    this.#following?.retry();
  }

  pause(still: boolean): void {
    this.#paused = still;
    this.#tail.pause(still);
    this.#draw();
  }

  /** Narrows the list to what passes a filter in its short form; charts stay as they are. */
  narrow(filter: string): void {
    this.#filter = filter;
    const passes = filter.trim() === "" ? undefined : compileFilter(filter);
    if (passes instanceof Refusal) this.#fault = passes.message;
    else {
      this.#fault = undefined;
      this.#tail.filter(passes);
    }
    this.#draw();
  }

  #take(value: Json, { position, at, replayed, visitor, text }: EventInfo): void {
    this.#any = true;
    const now = Date.now();
    // An event is late rather than early; in the long run, the clocks may drift.
    if (!replayed) this.#ahead = Math.max(at - now, (this.#ahead ?? -Infinity) - 1);
    const { type, path } = this.#tail.event({ position, at, data: text, value });
    this.#window.add({ at, type, path, visitor: visitor ?? visitorOf(value) }, now + (this.#ahead ?? 0));
    this.#soon();
  }

  #changed(status: SubscriptionStatus): void {
    const before = this.#status.phase;
    this.#status = status;
    if (status.phase === "live") {
      this.#ready = true;
      if (this.#lost !== undefined) this.#back(this.#lost, status.caughtUp);
      this.#lost = undefined;
    } else if (before === "live") this.#lost = Date.now();
    this.#draw();
  }

  #back(since: number, events: number): void {
    const away = `${plural(Math.max(1, Math.round((Date.now() - since) / 1000)), "second")} without a connection`;
    const text = events === 0 ? "Nothing was missed" : `Caught up ${plural(events, "event")}`;
    this.#tail.note(`${text} after ${away}`);
    this.#caughtUp = { text, until: Date.now() + CAUGHT };
  }

  #soon(): void {
    if (this.#scheduled !== undefined) return;
    const pause = Math.min(PATIENCE, Math.max(PACE, this.#cost / SHARE));
    this.#scheduled = setTimeout(
      () => {
        this.#frame = requestAnimationFrame(() => {
          this.#scheduled = undefined;
          const begun = performance.now();
          this.#draw();
          // Comes after the frame is painted.
          setTimeout(() => (this.#cost = performance.now() - begun));
        });
      },
      Math.max(0, this.#drawn + pause - Date.now()),
    );
  }

  #draw(): void {
    this.#drawn = Date.now();
    this.#shown = this.#show();
    for (const listener of this.#listeners) listener();
  }

  #show(): Shown {
    const now = Date.now();
    if (this.#caughtUp !== undefined && this.#caughtUp.until <= now) this.#caughtUp = undefined;
    return {
      view: this.#window.view(now + (this.#ahead ?? 0)),
      tail: this.#tail.view(),
      stage: this.#any ? "there" : this.#ready ? "empty" : "loading",
      caughtUp: this.#caughtUp?.text,
      fault: this.#fault,
      paused: this.#paused,
      filter: this.#filter,
    };
  }
}

function resetWords(reason: StreamReset["reason"], missed: number | undefined): string {
  switch (reason) {
    case "gone":
    case "behind":
      return missed === undefined
        ? "Some events are no longer kept and could not be caught up"
        : `${plural(missed, "event is", "events are")} no longer kept and could not be caught up`;
    case "cleared":
      return "The stream was cleared";
    case "restored":
    case "epoch":
    case "ahead":
      return "The stream has another history now; it goes on from here";
  }
}

/** A publisher may say itself whose event it is. */
function visitorOf(value: Json): string | undefined {
  const visitor = isObject(value) ? value["visitor"] : undefined;
  return typeof visitor === "string" ? visitor : undefined;
}
