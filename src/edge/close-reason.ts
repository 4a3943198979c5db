import type { Refusal } from "../protocol/refusal.ts";

/** `code: message`, in the 123 bytes that a close frame has for it. */
export function closeReason({ code, message }: Refusal): string {
  const bytes = new TextEncoder().encode(`${code}: ${message}`);
  if (bytes.length <= 123) return `${code}: ${message}`;
  // Decoding leniently turns a character that was cut through into U+FFFD, which goes.
  return new TextDecoder().decode(bytes.slice(0, 120)).replace(/\uFFFD+$/, "");
}
