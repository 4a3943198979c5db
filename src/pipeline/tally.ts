/** How long each unit of time is in which visitors are counted, in minutes. Stored by its index. */
export const UNITS = { minute: 1, hour: 60, day: 1440 } as const;

export type Unit = keyof typeof UNITS;

export const UNIT_NAMES = Object.keys(UNITS) as readonly Unit[];

const MINUTE = 60_000;

/** Longer types and pages are cut, UTF-16 units. */
const TYPE_UNITS = 64;
const PAGE_UNITS = 200;

/** What is counted under a name of its own in one tally; the rest goes under OTHER, so that nobody fills the tables. */
const NAMES = 500;
export const OTHER = "(other)";

/** Events of one minute, type and page: `[minute, type, page, events]`. */
export type Count = readonly [number, string, string, number];

/** A visitor in a minute, an hour or a day: `[unit, start, visitor]`. */
export type Seen = readonly [number, number, string];

/** One event as the room logged it. */
export interface Logged {
  readonly data: string;
  readonly type?: string;
  readonly visitor?: string;
}

/** Adds events up, so that the database is told sums. */
export class Tally {
  readonly #counts = new Map<string, { key: readonly [number, string, string]; events: number }>();
  readonly #names = new Set<string>();
  readonly #seen = new Map<string, Seen>();
  #events = 0;

  /** `at`: when the room logged it, milliseconds since 1970. */
  add(at: number, event: Logged): void {
    const minute = Math.floor(at / MINUTE);
    const { type, page } = describeEvent(parse(event.data), event.type);
    const [asType, asPage] = this.#named(type, page);
    const key = [minute, asType, asPage] as const;
    const found = this.#counts.get(JSON.stringify(key));
    if (found === undefined) this.#counts.set(JSON.stringify(key), { key, events: 1 });
    else found.events += 1;
    this.#events += 1;
    if (event.visitor === undefined) return;
    for (const [unit, name] of UNIT_NAMES.entries()) {
      const seen: Seen = [unit, Math.floor(minute / UNITS[name]), event.visitor];
      this.#seen.set(seen.join(" "), seen);
    }
  }

  get events(): number {
    return this.#events;
  }

  counts(): readonly Count[] {
    return [...this.#counts.values()].map(({ key, events }) => [...key, events]);
  }

  seen(): readonly Seen[] {
    return [...this.#seen.values()];
  }

  #named(type: string, page: string): readonly [string, string] {
    const name = JSON.stringify([type, page]);
    if (!this.#names.has(name) && this.#names.size >= NAMES) return [OTHER, OTHER];
    this.#names.add(name);
    return [type, page];
  }
}

/** The event's type, and the path of its page: `path`, else `page`, else that of `url`. Empty where it has none. */
export function describeEvent(value: unknown, given?: string): { readonly type: string; readonly page: string } {
  const member = (name: string): string | undefined => {
    const found = isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
    return typeof found === "string" ? found : undefined;
  };
  const type = given ?? member("type") ?? "";
  const page = member("path") ?? member("page") ?? pathOf(member("url")) ?? "";
  return { type: cut(type, TYPE_UNITS), page: cut(page, PAGE_UNITS) };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data) as unknown;
  } catch {
    // What cannot be read is counted all the same: it must not hold up what comes after it.
    return undefined;
  }
}

function pathOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).pathname : undefined;
}

function cut(text: string, units: number): string {
  return text.slice(0, units).toWellFormed();
}
