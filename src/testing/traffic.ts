/** One event of an imaginary site, in the form in which the site script publishes events. */
export interface TrafficEvent {
  readonly siteId: string;
  readonly id: string;
  readonly type: string;
  readonly path: string;
  readonly referrer?: string;
  readonly props?: Readonly<Record<string, string | number>>;
  /** Whose event it is: a server that publishes for many visitors says so itself. */
  readonly visitor: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface TrafficOptions {
  /** How many people are on the site at any time; 40 unless told otherwise. */
  readonly visitors?: number;
  /** From 0 up to 1, as Math.random. */
  readonly random?: () => number;
}

type Weighted<T> = readonly (readonly [T, number])[];

const PAGES: Weighted<string> = [
  ["/", 30],
  ["/pricing", 14],
  ["/docs", 12],
  ["/docs/quick-start", 11],
  ["/blog", 8],
  ["/blog/one-log-for-everything", 7],
  ["/docs/streams", 6],
  ["/changelog", 5],
  ["/about", 4],
  ["/jobs", 3],
];

const REFERRERS: Weighted<string | undefined> = [
  [undefined, 45],
  ["search.example", 30],
  ["news.example", 12],
  ["social.example", 8],
  ["friends.example", 5],
];

/** What people do on a page besides going to another one. */
const DEEDS: Weighted<readonly [type: string, props?: Readonly<Record<string, string | number>>]> = [
  [["click", { button: "Try it" }], 9],
  [["click", { button: "Read on" }], 8],
  [["search", { words: 2 }], 4],
  [["signup", { plan: "free" }], 2],
  [["purchase", { plan: "team", seats: 5 }], 1],
  [["error", { status: 500 }], 1],
];

/** The chance that somebody leaves after an event, and that an event is not a page view. */
const LEAVE = 0.12;
const DEED = 0.35;

interface Somebody {
  readonly visitor: string;
  path: string;
  fresh: boolean;
}

/**
 * Makes up the events of a site with people on it who come, look at pages, do things and go: something to look at
 * while there are no visitors, and load for tests. `next(at)` is the next event; how often to ask is up to the caller.
 */
export function traffic(siteId: string, options: TrafficOptions = {}): { next(at: number): TrafficEvent } {
  const { visitors = 40, random = Math.random } = options;
  const text = (): string => Math.floor(random() * 36 ** 8).toString(36);
  const arrive = (): Somebody => ({ visitor: text(), path: pick(PAGES, random), fresh: true });
  const people = Array.from({ length: visitors }, arrive);
  return {
    next(at) {
      const index = Math.floor(random() * people.length);
      const one = people[index] ?? arrive();
      const { visitor } = one;
      const about = { siteId, id: text() + text(), visitor, at };
      if (random() < LEAVE) people[index] = arrive();
      if (one.fresh) {
        one.fresh = false;
        const referrer = pick(REFERRERS, random);
        return { ...about, type: "pageview", path: one.path, ...(referrer !== undefined && { referrer }) };
      }
      if (random() < DEED) {
        const [type, props] = pick(DEEDS, random);
        return { ...about, type, path: one.path, ...(props && { props }) };
      }
      one.path = pick(PAGES, random);
      return { ...about, type: "pageview", path: one.path };
    },
  };
}

function pick<T>(list: Weighted<T>, random: () => number): T {
  let left = random() * list.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [item, weight] of list) {
    left -= weight;
    if (left < 0) return item;
  }
  return (list[0] as Weighted<T>[number])[0];
}
