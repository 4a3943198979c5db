import { Refusal, refuse } from "../protocol/refusal.ts";
import type { Rate } from "../protocol/rate.ts";
import type { ChatApi, MessagesRange } from "../room/chat/api.ts";
import { jsonText, refusalOf, refusalResponse, type Answer } from "./answers.ts";
import { expectJson, readJson } from "./body.ts";
import { etag } from "./etags.ts";
import type { EdgeOptions } from "./options.ts";
import { addressedUrl, judgeOrigin, normalizeOrigins, optionsResponse, originRefusal, withCors } from "./origins.ts";
import { limited } from "./rates.ts";
import { extend, type Resource, type Visit } from "./resource.ts";
import { checkName } from "./room-id.ts";
import { ROOM } from "./rooms.ts";
import { isUpgrade, offersNative, openSocket, upgradeByGet } from "./sockets.ts";
import { deleteState, getState } from "./state.ts";
import { write } from "./writes.ts";

/** The longest name of a chat room, in UTF-16 units, unless told otherwise. */
export const CHAT_NAME = 32;

const PRIVATE_BYTES = 32;

/** How often one network address may ask for the id of a private room. It costs next to nothing. */
const PRIVATE_RATE: Rate = { burst: 100, every: 1_000 };

/** A browser that goes there to look: the page's to answer. Programs ask for anything, or for JSON. */
export function isPageView(request: Request): boolean {
  if (isUpgrade(request) || (request.method !== "GET" && request.method !== "HEAD")) return false;
  return (request.headers.get("accept") ?? "").toLowerCase().includes("text/html");
}

/** A chat room without a name. */
export function missingName(): Response {
  return plain("Missing room name", 400);
}

/** `POST /api/room`: the id of a private room, which is there once somebody comes. Nothing is stored. */
export async function privateRoom<Env>(options: EdgeOptions<Env>, request: Request, env: Env): Promise<Response> {
  const { origins } = options;
  const allow = normalizeOrigins(typeof origins === "function" ? origins(env) : (origins ?? []));
  const url = new URL(request.url);
  const header = request.headers.get("origin");
  const origin = judgeOrigin(header, addressedUrl(request, url), allow);
  if (!origin.allowed) return refusalResponse(originRefusal(header ?? "", url));
  if (request.method === "OPTIONS" && request.headers.has("access-control-request-method")) {
    return withCors(optionsResponse(request, "POST, OPTIONS", {}), origin);
  }
  if (isUpgrade(request) && request.method !== "GET") return withCors(refusalResponse(upgradeByGet(request)), origin);
  if (request.method !== "POST") return withCors(plain("Method not allowed", 405, { allow: "POST" }), origin);
  const over = await limited(options, env, request, "private-room", PRIVATE_RATE);
  if (over !== undefined) return withCors(refusalResponse(over), origin);
  const bytes = crypto.getRandomValues(new Uint8Array(PRIVATE_BYTES));
  return withCors(plain(Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")), origin);
}

/** Messages: `?before=`, `?after=` (numbers) or `?since=` (milliseconds since 1970 or an ISO date), `&limit=`. */
async function getMessages({ url, room }: Visit): Promise<Answer> {
  const range: Record<string, number> = {};
  for (const name of ["before", "after", "since", "limit"] satisfies (keyof MessagesRange)[]) {
    const text = url.searchParams.get(name);
    if (text === null) continue;
    const value = /^[0-9]{1,16}$/.test(text) ? Number(text) : name === "since" ? Date.parse(text) : NaN;
    if (!Number.isSafeInteger(value)) {
      return refuse(
        "bad_request",
        `The query parameter ${name} is a whole number${name === "since" ? " or a date" : ""}.`,
      );
    }
    range[name] = value;
  }
  const page = await (room as unknown as ChatApi).messages(range);
  if ("ok" in page) return refusalOf(page);
  return jsonText(JSON.stringify(page), 200, { etag: etag(page.version) });
}

/** `{"text", "name"?, "reply"?, "key"?}`: one message, once under its Idempotency-Key. */
async function postMessage(visit: Visit): Promise<Answer> {
  const unfit = expectJson(visit.request);
  if (unfit !== undefined) return unfit;
  const body = await readJson(visit.request, visit.bodyBytes);
  if (body instanceof Refusal) return body;
  if (typeof body.value !== "object" || body.value === null || Array.isArray(body.value)) {
    return refuse("bad_message", 'The body is {"text": "..."}.');
  }
  const intents = JSON.stringify([{ ...body.value, type: "send" }]);
  return write(visit, (options) => visit.room.applyText(intents, visit.admission, options));
}

function openLine(visit: Visit): Promise<Answer> {
  return openSocket(visit, "line-chat", { name: visit.url.searchParams.get("name") ?? "" });
}

const NO_VERSIONS = ROOM.filter(({ path }) => !path.startsWith("/versions"));

/** `/chat/:room`: what a room has, the line format where the room itself would be, and messages. */
export const CHAT: readonly Resource[] = extend(NO_VERSIONS, [
  {
    path: "",
    methods: {
      GET: { needs: "read", run: openLine },
      DELETE: { needs: "admin", run: deleteState },
    },
    passes: isPageView,
    screen: (request, id, rules) => {
      if (request.method !== "GET" && request.method !== "HEAD") return undefined;
      // A native client is told so that it does not try again for ever.
      const unfit = (text: string): Answer => (offersNative(request) ? refuse("bad_room_id", text) : plain(text, 400));
      if (id.trim() === "") return unfit("Missing room name");
      if (checkName(id, rules) !== undefined) return unfit("Name too long");
      return isUpgrade(request) ? undefined : plain("Expected WebSocket upgrade", 400);
    },
  },
  { path: "/state", methods: { GET: { needs: "read", run: getState } } },
  {
    path: "/messages",
    methods: { GET: { needs: "read", run: getMessages }, POST: { needs: "write", run: postMessage } },
  },
]);

/** `/api/room/:room`: the JSON format. */
export const JSON_CHAT: readonly Resource[] = [
  {
    path: "/websocket",
    methods: { GET: { needs: "read", run: (visit) => openSocket(visit, "json-chat") } },
    screen: (request, id, rules) => {
      if (checkName(id, rules) !== undefined) return plain("Name too long", 404);
      return isUpgrade(request) ? undefined : plain("expected websocket", 400);
    },
  },
];

function plain(text: string, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(text, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store", ...headers },
  });
}
