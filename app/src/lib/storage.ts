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
