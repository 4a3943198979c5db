/** localStorage, for conveniences only: a browser that forbids it has none of them and works all the same. */
export function load(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(`roomcast:${key}`) ?? "null");
  } catch {
    return null;
  }
}

export function save(key: string, value: unknown): void {
  try {
    localStorage.setItem(`roomcast:${key}`, JSON.stringify(value));
  } catch {
    // Full or forbidden.
  }
}

export interface Recent {
  readonly id: string;
  /** When it was last open, milliseconds since 1970. */
  readonly at: number;
}

const MOST_RECENT = 8;

/** The documents last opened in this browser, newest first. */
export function recentDocuments(): Recent[] {
  const stored = load("recent");
  return Array.isArray(stored) ? stored.filter(isRecent) : [];
}

function isRecent(value: unknown): value is Recent {
  return (
    typeof value === "object" &&
    value !== null &&
    "id" in value &&
    typeof value.id === "string" &&
    "at" in value &&
    typeof value.at === "number"
  );
}

export function rememberDocument(id: string): void {
  const others = recentDocuments().filter((recent) => recent.id !== id);
  save("recent", [{ id, at: Date.now() }, ...others].slice(0, MOST_RECENT));
}

export function forgetDocument(id: string): void {
  save(
    "recent",
    recentDocuments().filter((recent) => recent.id !== id),
  );
}
