import { jsonFault } from "../kinds/json/check.ts";
import { formatPointer } from "../kinds/json/pointer.ts";
import { RoomError } from "./errors.ts";

/** Intents of the server's own, as `applyText` takes them. Throws a RoomError for what JSON would lose or change. */
export function intentsText(intents: readonly unknown[]): string {
  let text: string;
  try {
    text = JSON.stringify(intents);
  } catch {
    // It holds itself, or a bigint.
    throw new RoomError({ code: "bad_intent", message: "The intents are not JSON." });
  }
  const fault = jsonFault(intents);
  if (fault === undefined) return text;
  throw new RoomError({ code: "bad_intent", message: `${fault.message} at ${formatPointer(fault.path)}.` });
}
