import { Refusal, refuse } from "../protocol/refusal.ts";
import type { Admission } from "../room/api.ts";
import { addressOf, admit, AuthorizeError } from "./admission.ts";
import { HttpRefusal, refusalResponse, type Answer } from "./answers.ts";
import { AwakeRooms, awakeRoomsLimit } from "./awake-rooms.ts";
import { namespaceOf, SetupError } from "./bindings.ts";
import type { Asking, EdgeOptions, RoomNamespace } from "./options.ts";
import {
  addressedUrl,
  judgeOrigin,
  normalizeOrigins,
  optionsResponse,
  originRefusal,
  withCors,
  type OriginVerdict,
} from "./origins.ts";
import { allowed, type Action, type Method, type Resource, type RoomRules, type Visit } from "./resource.ts";
import { checkName, decodeRoomId } from "./room-id.ts";
import { checkUpgrade, isUpgrade, refuseSocket, upgradeByGet } from "./sockets.ts";

/** A body is wrapped into an intent, which takes a few bytes more than the value it holds. */
export const BODY_BYTES = 1024 * 1024 + 4096;

/** A request that was found to be for a room. */
export interface Found<Env> {
  readonly request: Request;
  readonly env: Env;
  readonly resource: Resource;
  readonly kind: string;
  readonly namespace: (env: Env) => RoomNamespace;
  /** The path's parameters, still percent-encoded; `id` among them. */
  readonly params: Readonly<Record<string, string>>;
  readonly blank?: string;
  readonly rules?: RoomRules;
  /** Why it is for no room after all. */
  readonly refused?: Refusal;
  /** What the request holds, where it had to be read to find the room. */
  readonly body?: string;
  /** Pages that may use this room besides the listed ones. */
  readonly origins?: (id: string, env: Env) => readonly string[] | Promise<readonly string[]>;
}

/** An admitted request at the door of the room's route. */
interface Admitted<Env> extends Asking<Env> {
  readonly admission: Admission;
  readonly action: Action;
}

/** Looks at an admitted request before its route does, and lets it pass or refuses it. */
type Gate<Env> = (admitted: Admitted<Env>) => Refusal | undefined | Promise<Refusal | undefined>;

function permitted<Env>({ admission, action }: Admitted<Env>): Refusal | undefined {
  if (admission.can.includes(action.needs)) return undefined;
  return refuse("forbidden", `This needs the permission "${action.needs}".`);
}

/** Makes what answers requests that were found to be for a room: origin, method, admission, gates, route. */
export function server<Env>(options: EdgeOptions<Env>): (found: Found<Env>) => Promise<Response> {
  const { origins = [], bodyBytes = BODY_BYTES } = options;
  const listed = typeof origins === "function" ? undefined : normalizeOrigins(origins);
  const awake = new AwakeRooms();
  const awakeLimited: Gate<Env> = ({ request, env, kind, id }) => {
    const limit = awakeRoomsLimit(options.awakeRooms, env);
    return limit === Infinity ? undefined : awake.use(addressOf(options, request), `${kind}/${id}`, limit, Date.now());
  };
  // In order: what is refused wakes no room. Rates are counted in the room: see `limited`.
  const gates: readonly Gate<Env>[] = [permitted, awakeLimited];

  const visit = async (found: Found<Env>, url: URL, action: Action): Promise<Answer> => {
    const { request, env, kind, params, blank, body } = found;
    if (found.refused !== undefined) return found.refused;
    const id = decodeRoomId(params["id"] ?? "");
    if (id instanceof Refusal) return id;
    const rules = found.rules ?? {};
    const unfit =
      found.resource.screen?.(request, id, rules) ??
      checkName(id, rules) ??
      (found.resource.socket === true ? checkUpgrade(request) : undefined);
    if (unfit !== undefined) return unfit;
    const asking: Asking<Env> = { request, kind, id, env };
    const admission = await admit(options, asking);
    if (admission instanceof Refusal) return admission;
    for (const gate of gates) {
      const refusal = await gate({ ...asking, admission, action });
      if (refusal !== undefined) return refusal;
    }
    const room = namespaceOf(options, found.namespace, kind, env).getByName(id);
    const admitted: Visit = { request, url, kind, id, room, admission, env, params, bodyBytes };
    return action.run({
      ...admitted,
      ...(blank === undefined ? {} : { blank }),
      ...(body === undefined ? {} : { body }),
    });
  };

  /** What the page that asks comes to: by the list of all rooms, and then by the room's own. */
  const judge = async (found: Found<Env>, own: URL): Promise<OriginVerdict> => {
    const { request, env } = found;
    const url = addressedUrl(request, own);
    const header = request.headers.get("origin");
    const verdict = judgeOrigin(
      header,
      url,
      listed ?? normalizeOrigins(typeof origins === "function" ? origins(env) : []),
    );
    if (verdict.allowed || header === null || found.origins === undefined) return verdict;
    // Which room it is for is not known, or it is for none. Leave to ask gives nothing away; the answer is judged again.
    // `sendBeacon` asks with credentials whatever it sends, and for a body of JSON it does ask.
    const asks = request.method === "OPTIONS";
    if (found.params["id"] === undefined) return { allowed: true, cors: { origin: header, credentials: asks } };
    const id = decodeRoomId(found.params["id"]);
    if (id instanceof Refusal) return { allowed: true };
    return judgeOrigin(header, url, normalizeOrigins(await found.origins(id, env)));
  };

  const respond = (request: Request, answer: Answer): Response =>
    answer instanceof Refusal ? (refuseSocket(request, answer) ?? refusalResponse(answer)) : answer;

  return async (found) => {
    const { request, resource } = found;
    const url = new URL(request.url);
    try {
      const origin = await judge(found, url);
      if (!origin.allowed) {
        const option = found.origins === undefined ? "origins" : "streamOrigins";
        return respond(request, originRefusal(request.headers.get("origin") ?? "", url, option));
      }
      if (isUpgrade(request) && request.method !== "GET")
        return withCors(refusalResponse(upgradeByGet(request)), origin);
      if (request.method === "OPTIONS") {
        return withCors(optionsResponse(request, allowed(resource), resource.headers ?? {}), origin);
      }
      const action = actionOf(resource, request.method);
      if (action === undefined) {
        const headers = { allow: allowed(resource), ...resource.headers };
        const refusal = new HttpRefusal("method_not_allowed", `This route does not take ${request.method}.`, headers);
        return withCors(refusalResponse(refusal), origin);
      }
      // A fault past here is answered with CORS headers too, or a page could not read that it was one.
      const answer = await visit(found, url, action).catch((error: unknown) => fault(error, found));
      return withCors(respond(request, answer), origin);
    } catch (error) {
      return respond(request, fault(error, found));
    }
  };

  /** Tells the log what happened, and the caller only that something did. */
  function fault(error: unknown, { request, kind }: Found<Env>): Refusal {
    if (options.onError === undefined) logError(error, request, kind);
    // The caller's own function hears of what it threw itself.
    else options.onError(error instanceof AuthorizeError ? (error.cause ?? error) : error, request);
    if (typeof error === "object" && error !== null && "overloaded" in error && error.overloaded === true) {
      return new HttpRefusal("too_many_requests", "The room has more requests than it can take.", {
        "retry-after": "1",
      });
    }
    if (error instanceof Error && error.message.includes("SQLITE_FULL")) {
      // The platform ends an object whose commit fails, and its sockets with it. The code for full storage closes no socket.
      const code = isUpgrade(request) ? "storage_failed" : "storage_full";
      return refuse(code, "The disk of the server is full: nothing was stored. Writes work again once there is space.");
    }
    if (error instanceof SetupError) {
      return refuse("internal", `This server is not set up for rooms of kind "${kind}"; its log says what is missing.`);
    }
    if (error instanceof AuthorizeError) {
      return refuse("internal", `This server failed to authorize a room of kind "${kind}"; its log says why.`);
    }
    return refuse("internal", "Something failed on the server; its log says what.");
  }
}

function actionOf({ methods, socket }: Resource, method: string): Action | undefined {
  const name = method === "HEAD" && socket === undefined ? "GET" : method;
  return Object.hasOwn(methods, name) ? methods[name as Method] : undefined;
}

function logError(error: unknown, request: Request, kind: string): void {
  // Without the query, which may hold a token.
  const { pathname } = new URL(request.url);
  const what = `roomcast: ${request.method} ${pathname} failed (kind "${kind}")`;
  // What to do about it is in the message; a stack trace would only hide it.
  if (error instanceof SetupError) console.error(`${what}: ${error.message}`);
  else console.error(what, error);
}
