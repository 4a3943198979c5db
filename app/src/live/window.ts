/** The live charts show so many seconds, and a visitor counts as here for as long after their last event. */
export const SECONDS = 300;

/** Names are counted apart up to here; the rest go together. */
const NAMES = 2_000;
export const OTHER = "(other)";

/** What a live event is to the charts. */
export interface Counted {
  /** When the room committed it, milliseconds since 1970. */
  readonly at: number;
  readonly type: string;
  /** Empty where the event names none. */
  readonly path: string;
  /** Stands for whose event it is; absent where nobody knows. */
  readonly visitor?: string | undefined;
}

export interface Share {
  readonly name: string;
  readonly events: number;
}

/** The last five minutes, a place for each second, oldest first, up to the last full one. */
export interface Series {
  /** Seconds since 1970. */
  readonly times: readonly number[];
  readonly events: readonly number[];
  readonly visitors: readonly number[];
}

/** The last five minutes at one moment. */
export interface View {
  /** The same until a full second has changed. */
  readonly series: Series;
  /** Events a second, over the last ten full seconds. */
  readonly rate: number;
  readonly visitorsNow: number;
  readonly events: number;
  /** Page views by path, and events by type; most first. */
  readonly pages: readonly Share[];
  readonly types: readonly Share[];
}

/** One second's own counts, so that they can be taken off again when it is too old. */
interface Second {
  events: number;
  readonly pages: Map<string, number>;
  readonly types: Map<string, number>;
}

/** Keeps the last five minutes of a stream in sums: what it costs follows the names and visitors, not the events. */
export class LiveWindow {
  readonly #seconds = new Map<number, Second>();
  readonly #pages = new Map<string, number>();
  readonly #types = new Map<string, number>();
  /** The second in which each visitor was last seen. */
  readonly #seen = new Map<string, number>();
  /** How many visitors are here in each second, those to come included: whoever is here now stays so for a while. */
  readonly #here = new Map<number, number>();
  #oldest = 0;
  #series: Series | undefined;

  /** Takes an event, in whatever order they come; one that is too old changes nothing. */
  add({ at, type, path, visitor }: Counted, now: number): void {
    const second = Math.floor(at / 1000);
    this.#forget(now);
    if (second < this.#oldest) return;
    let counts = this.#seconds.get(second);
    if (counts === undefined) {
      counts = { events: 0, pages: new Map(), types: new Map() };
      this.#seconds.set(second, counts);
    }
    counts.events += 1;
    const drawn = this.#series?.times.at(-1);
    if (drawn !== undefined && second <= drawn) this.#series = undefined;
    count(this.#types, counts.types, type);
    if (type === "pageview") count(this.#pages, counts.pages, path);
    if (visitor !== undefined) this.#see(visitor, second);
  }

  view(now: number): View {
    this.#forget(now);
    const current = Math.floor(now / 1000);
    const series = this.#seriesUpTo(current - 1);
    const recent = series.events.slice(-10).reduce((sum, each) => sum + each, 0);
    let events = 0;
    for (const second of this.#seconds.values()) events += second.events;
    return {
      series,
      rate: recent / 10,
      visitorsNow: this.#here.get(current) ?? 0,
      events,
      pages: ranked(this.#pages),
      types: ranked(this.#types),
    };
  }

  clear(): void {
    for (const map of [this.#seconds, this.#pages, this.#types, this.#seen, this.#here]) map.clear();
    this.#series = undefined;
  }

  #seriesUpTo(last: number): Series {
    if (this.#series !== undefined && this.#series.times.at(-1) === last) return this.#series;
    const times = Array.from({ length: SECONDS }, (_, index) => last - SECONDS + 1 + index);
    this.#series = {
      times,
      events: times.map((second) => this.#seconds.get(second)?.events ?? 0),
      visitors: times.map((second) => this.#here.get(second) ?? 0),
    };
    return this.#series;
  }

  #see(visitor: string, second: number): void {
    const before = this.#seen.get(visitor);
    if (before !== undefined && before >= second) return;
    this.#seen.set(visitor, second);
    const first = before === undefined ? second : Math.max(second, before + SECONDS);
    for (let at = first; at < second + SECONDS; at += 1) this.#here.set(at, (this.#here.get(at) ?? 0) + 1);
  }

  #forget(now: number): void {
    const oldest = Math.floor(now / 1000) - SECONDS;
    if (oldest === this.#oldest) return;
    const back = oldest < this.#oldest;
    this.#oldest = oldest;
    // The clock was set back.
    if (back) return;
    for (const [second, counts] of this.#seconds) {
      if (second >= oldest) continue;
      this.#seconds.delete(second);
      for (const [name, events] of counts.pages) take(this.#pages, name, events);
      for (const [name, events] of counts.types) take(this.#types, name, events);
    }
    for (const [visitor, second] of this.#seen) if (second < oldest - SECONDS) this.#seen.delete(visitor);
    for (const second of this.#here.keys()) if (second < oldest) this.#here.delete(second);
  }
}

function count(all: Map<string, number>, own: Map<string, number>, name: string): void {
  const as = all.has(name) || all.size < NAMES ? name : OTHER;
  all.set(as, (all.get(as) ?? 0) + 1);
  own.set(as, (own.get(as) ?? 0) + 1);
}

function take(all: Map<string, number>, name: string, events: number): void {
  const left = (all.get(name) ?? 0) - events;
  if (left > 0) all.set(name, left);
  else all.delete(name);
}

function ranked(counts: ReadonlyMap<string, number>): Share[] {
  return [...counts]
    .map(([name, events]) => ({ name, events }))
    .toSorted((a, b) => b.events - a.events || (a.name < b.name ? -1 : 1))
    .slice(0, 8);
}
