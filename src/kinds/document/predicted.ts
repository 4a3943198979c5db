import { kindOf } from "./kind-of.ts";
import { DocumentSession } from "./session.ts";

/**
 * A live document as a client predicts it. It comes to the same as `documentKind` where that takes an intent; what is
 * too deep or too large only the room refuses, and what changes nothing is only there known to be nothing.
 */
export const predictedDocument = kindOf((state) => new DocumentSession(state));
