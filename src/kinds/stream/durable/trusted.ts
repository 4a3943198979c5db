const trusted = new WeakSet<object>();

/** Marks an intent that the room made itself. No client can send one: what comes over a wire is another object. */
export function trust<Intent extends object>(intent: Intent): Intent {
  trusted.add(intent);
  return intent;
}

export function isTrusted(intent: unknown): boolean {
  return typeof intent === "object" && intent !== null && trusted.has(intent);
}
