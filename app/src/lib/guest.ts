import { load, save } from "./storage.ts";

/** By which rooms know this browser's person again, after a reload and in every tab. Kept from everybody else. */
export function guestSecret(): string {
  const stored = load("guest");
  if (typeof stored === "string" && /^[a-z0-9]{32}$/.test(stored)) return stored;
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const secret = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  save("guest", secret);
  return secret;
}
