/** A secret by which the room recognizes this window after a reload. Each window has its own, so that two can play. */
export function guestSecret(): string {
  const stored = attempt(() => sessionStorage.getItem("guest")) ?? "";
  if (stored !== "") return stored;
  const secret = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
  attempt(() => sessionStorage.setItem("guest", secret));
  return secret;
}

/** Storage throws where the browser forbids it; then the seat is lost at a reload, and everything else works. */
function attempt<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}
