import { kindOf } from "./kind-of.ts";
import { WeighedSession } from "./weighed.ts";

/**
 * A live document: one JSON value, `{}` at first. Intents are checked in the room against `documentIntents`,
 * which stands apart so that clients need not download it.
 *
 * Refusals: `conflict` with the path of the operation that does not fit the state, `too_deep`, `too_large`.
 */
export const documentKind = kindOf((state) => new WeighedSession(state));
