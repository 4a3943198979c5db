/**
 * The one table of error codes. A code is stable and meant for programs; a message beside it is
 * meant for people and may change.
 *
 * - `status`: the HTTP status of the answer when the code ends a request.
 * - `close`: the WebSocket close code when the code ends a connection; absent where it never does.
 *   4000 to 4499 mean "reconnect, with backoff"; 4500 to 4999 mean "do not reconnect: the same
 *   attempt would end the same way".
 * - `httpOnly`: the code was added after protocol 1 was frozen, and only answers HTTP requests: it is never sent on a
 *   native WebSocket.
 */
export const CODES = {
  bad_json: { status: 400, close: 4500, means: "The body or frame is not JSON." },
  bad_message: { status: 400, close: 4501, means: "JSON, but not a message of this protocol." },
  bad_intent: { status: 400, means: "The intent is not one that this kind of room knows." },
  bad_request: { status: 400, means: "A header, query or path of the request is malformed." },
  bad_file: { status: 400, means: "The file is not one that the route reads; the message says where." },
  bad_room_id: { status: 400, close: 4506, means: "A room id is 1 to 256 characters without controls." },
  too_deep: { status: 400, means: "A value is nested deeper than the room's limit." },
  unauthorized: { status: 401, close: 4502, means: "No credentials, or credentials not accepted." },
  forbidden: { status: 403, close: 4503, means: "Known, but not allowed to do this here." },
  origin_refused: { status: 403, close: 4507, means: "This page's origin is not on the allow list." },
  not_found: { status: 404, close: 4508, means: "No such route, room kind or saved version." },
  method_not_allowed: { status: 405, means: "The route exists, but not for this method." },
  request_timeout: { status: 408, httpOnly: true, means: "The request's body did not arrive in time." },
  conflict: { status: 409, means: "The intent does not fit the state: a failed `test`, a missing path, a wrong type." },
  receipt_expired: { status: 409, means: "So old a mutation number that the room cannot tell whether it was applied." },
  superseded: { status: 503, close: 4405, means: "The same client has connected again; this is its older connection." },
  gone: { status: 410, means: "The ops asked for are no longer retained." },
  version_mismatch: { status: 412, means: "The expected version is not the current one." },
  too_large: { status: 413, close: 4504, means: "The frame, intent or resulting value is over its limit." },
  unsupported_media_type: { status: 415, means: "The content type is not one that the route reads." },
  upgrade_required: { status: 426, means: "The route is a WebSocket; the request was not an upgrade." },
  unsupported_version: { status: 426, close: 4505, means: "A protocol version that this room does not speak." },
  too_many_requests: { status: 429, close: 4400, means: "Over the rate, or too many mutations unanswered." },
  room_full: { status: 503, close: 4401, means: "The room holds as many connections as it may." },
  storage_failed: { status: 503, close: 4402, means: "The write was not stored; nothing of it was applied." },
  unresponsive: { status: 503, close: 4403, means: "The connection gave no sign of life for too long." },
  storage_full: { status: 507, means: "The room has reached its storage limit." },
  internal: { status: 500, close: 4404, means: "A fault of the room's own; the log of the server has it." },
} as const satisfies Record<string, CodeRow>;

interface CodeRow {
  readonly status: number;
  readonly close?: number;
  readonly httpOnly?: true;
  readonly means: string;
}

export type Code = keyof typeof CODES;

/** Codes that can end a connection, and so have a close code. */
export type ClosingCode = {
  [C in Code]: (typeof CODES)[C] extends { readonly close: number } ? C : never;
}[Code];

/** Whether a client should try again after a close: always, except after 4500 to 4999. */
export function isTerminalClose(closeCode: number): boolean {
  return closeCode >= 4500 && closeCode <= 4999;
}
