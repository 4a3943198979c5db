import type { Code } from "../protocol/codes.ts";
import type { RoomcastError } from "./errors.ts";
import { isOffline } from "./socket.ts";
import type { ConnectOptions, Status } from "./types.ts";

/** Between two attempts; `why`: what keeps the room from being live, where somebody said so. */
export function waitingStatus(
  attempt: number,
  retryAt: number,
  why: RoomcastError | undefined,
): Status & { readonly phase: "offline" | "reconnecting" } {
  if (isOffline()) return { phase: "offline" };
  return { phase: "reconnecting", attempt, retryAt, ...(why && { code: why.code, reason: why.message }) };
}

/** For good; `why` has the code `closed` where nobody gave another. */
export function closedStatus({ code, message }: RoomcastError): Status & { readonly phase: "closed" } {
  return { phase: "closed", ...(code !== "closed" && { code: code as Code }), reason: message };
}

/** The `onError` of applications that have none. */
export const warn: NonNullable<ConnectOptions["onError"]> = ({ code, message }, { kind, id }) => {
  // oxlint-disable-next-line no-console -- where nobody took a promise or set onError, there is no other way
  console.warn(`roomcast: ${kind} ${JSON.stringify(id)}: ${code}: ${message}`);
};
