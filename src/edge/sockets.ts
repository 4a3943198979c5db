import { CODES } from "../protocol/codes.ts";
import type { JsonObject } from "../protocol/json.ts";
import { Refusal, refuse } from "../protocol/refusal.ts";
import { SUBPROTOCOL } from "../protocol/version.ts";
import { ADMISSION_HEADER, DIALECT_HEADER, PARAMS_HEADER, PEER_HEADER } from "../room/api.ts";
import { asciiJson, encodeAdmission } from "./admission.ts";
import { HttpRefusal, type Answer } from "./answers.ts";
import { closeReason } from "./close-reason.ts";
import type { Visit } from "./resource.ts";

export const NATIVE = "native";

export function isUpgrade(request: Request): boolean {
  return request.headers.get("upgrade")?.toLowerCase() === "websocket";
}

/** The platform takes such a request for an upgrade and drops its body, so it must not look as if it had been carried out. */
export function upgradeByGet({ method }: Request): Refusal {
  return refuse("bad_request", `A WebSocket upgrade is a GET, not a ${method}: leave out the Upgrade header.`);
}

export const upgradeRequired: Refusal = new HttpRefusal("upgrade_required", "This route is a WebSocket.", {
  upgrade: "websocket",
});

/** Whether the client offers the subprotocol that selects the native dialect. */
export function offersNative(request: Request): boolean {
  const offered = request.headers.get("sec-websocket-protocol") ?? "";
  return offered.split(",").some((protocol) => protocol.trim() === SUBPROTOCOL);
}

/**
 * Connects a client to its room. `fallback` is the dialect of those that do not offer the subprotocol; `params` is
 * what that dialect is told of the address.
 */
export async function openSocket(visit: Visit, fallback: string, params: JsonObject = {}): Promise<Answer> {
  const native = offersNative(visit.request);
  const webSocket = await connectRoom(visit, native ? NATIVE : fallback, params);
  if (webSocket instanceof Refusal) return webSocket;
  return new Response(null, {
    status: 101,
    webSocket,
    headers: native ? { "sec-websocket-protocol": SUBPROTOCOL } : {},
  });
}

/**
 * An upgrade to the room. Only what the room needs goes on: not the client's own headers, among which
 * may be forged admissions and other people's secrets.
 */
export async function connectRoom(
  visit: Visit,
  dialect: string,
  params: JsonObject = {},
): Promise<WebSocket | Refusal> {
  const headers = new Headers({
    upgrade: "websocket",
    [ADMISSION_HEADER]: encodeAdmission(visit.admission),
    [DIALECT_HEADER]: dialect,
    [PARAMS_HEADER]: asciiJson(params),
  });
  const peer = visit.request.headers.get(PEER_HEADER);
  if (peer !== null) headers.set(PEER_HEADER, peer);
  const response = await visit.room.fetch(new Request(visit.url.origin + visit.url.pathname, { headers }));
  if (response.webSocket !== null) return response.webSocket;
  const { error } = await response.json<{ readonly error: Pick<Refusal, "code" | "message"> }>();
  return refuse(error.code, error.message);
}

/**
 * A refusal of a native upgrade. Browsers do not show the status of a failed upgrade, so a client
 * could not tell "not allowed" from "no network" and would try for ever: the socket is accepted and
 * closed at once with the code's close code. Undefined for codes that have none.
 */
export function refuseSocket(request: Request, refusal: Refusal): Response | undefined {
  const row = CODES[refusal.code];
  if (!("close" in row) || !isUpgrade(request) || !offersNative(request)) return undefined;
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.close(row.close, closeReason(refusal));
  return new Response(null, { status: 101, webSocket: client, headers: { "sec-websocket-protocol": SUBPROTOCOL } });
}

/** The method was right and the room known, but the request is no upgrade, or the wrong kind. */
export function checkUpgrade(request: Request): Refusal | undefined {
  if (!isUpgrade(request)) return upgradeRequired;
  const key = request.headers.get("sec-websocket-version");
  return key === null || key === "13" ? undefined : refuse("bad_request", "The WebSocket version is 13.");
}
