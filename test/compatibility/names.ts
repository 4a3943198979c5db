/**
 * Values that differ each time a conversation is held: ids that the room draws, and times. Each is given a name in the
 * order of its appearance (`<epoch-1>`), so that a transcript reads the same every time, and a request can use what an
 * answer brought.
 */
export class Names {
  readonly #values = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly #since: number;
  readonly #all: boolean;

  /**
   * Times from `since` on (milliseconds since 1970) are the conversation's own. `stored`: the rooms are those of a data
   * folder, so their epochs and the public names in them are the same every time, and are not replaced.
   */
  constructor({ since, stored }: { readonly since: number; readonly stored: boolean }) {
    this.#since = since;
    this.#all = !stored;
  }

  /** What was received, with names for values. `parsed` is the same as JSON, where it is JSON. */
  replace(text: string, parsed: unknown): string {
    this.#walk(parsed, "");
    let named = text;
    for (const [value, name] of this.#values) named = named.replaceAll(value, name);
    return named.replaceAll(/(?<![\w.])1[789]\d{11}(?!\w)/g, (digits) =>
      Number(digits) >= this.#since ? String(SOME_TIME) : digits,
    );
  }

  /** What is to be sent, with values for names. */
  restore(text: string): string {
    let restored = text;
    for (const [value, name] of this.#values) restored = restored.replaceAll(name, value);
    return restored;
  }

  #walk(value: unknown, key: string): void {
    if (Array.isArray(value)) {
      for (const item of value) this.#walk(item, key);
      return;
    }
    if (typeof value === "string") {
      this.#find(key, value);
      return;
    }
    if (typeof value !== "object" || value === null) return;
    for (const [name, member] of Object.entries(value)) {
      if (ROSTERS.has(name) && typeof member === "object" && member !== null && !Array.isArray(member)) {
        for (const connection of Object.keys(member))
          if (!NOT_CONNECTIONS.has(connection)) this.#name("conn", connection);
      }
      this.#walk(member, name);
    }
  }

  #find(key: string, value: string): void {
    const epoch = POSITIONS.has(key) ? /^"?([a-z0-9]{6,})[._]\d+/.exec(value)?.[1] : undefined;
    if (epoch !== undefined && this.#all) this.#name("epoch", epoch);
    const sort = SORTS[key];
    if (sort !== undefined && (this.#all || sort === "conn" || sort === "cursor")) {
      this.#name(sort, value.replace(/^g:/, ""));
    }
    if (key === "text" && /^[0-9a-f]{64}$/.test(value)) this.#name("private", value);
    if (key === "data" || key === "text") this.#walk(parse(value), "");
  }

  #name(sort: string, value: string): void {
    // Shorter ones, such as "0" for an empty room, are words of the protocol.
    if (!/^[\w-]{6,}$/.test(value) || WORDS.has(value) || this.#values.has(value)) return;
    const count = (this.#counts.get(sort) ?? 0) + 1;
    this.#counts.set(sort, count);
    this.#values.set(value, `<${sort}-${count}>`);
  }
}

const WORDS: ReadonlySet<string> = new Set(["great-circle"]);

const SOME_TIME = 1_000_000_000_000;

/** Members that hold such a value, and what it is. */
const SORTS: Readonly<Record<string, string>> = {
  epoch: "epoch",
  conn: "conn",
  gone: "conn",
  you: "person",
  by: "person",
  guest: "person",
  from: "person",
  person: "person",
  address: "network",
  visitor: "visitor",
  "stream-cursor": "cursor",
  streamCursor: "cursor",
};

/** Members that hold a version, a position or an offset. */
const POSITIONS: ReadonlySet<string> = new Set([
  "version",
  "position",
  "oldest",
  "head",
  "next",
  "id",
  "etag",
  "stream-next-offset",
  "streamNextOffset",
]);

/** Members that have connections for keys; `presence` of a `hello` does not. */
const ROSTERS: ReadonlySet<string> = new Set(["set", "presence"]);
const NOT_CONNECTIONS: ReadonlySet<string> = new Set(["name", "color", "typing", "location", "cursor", "field"]);

export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
