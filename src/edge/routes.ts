import { env as bindings } from "cloudflare:workers";
import { Hono, type Context } from "hono";
import { Refusal, refuse } from "../protocol/refusal.ts";

import { refusalResponse } from "./answers.ts";
import { missingBindings } from "./bindings.ts";
import { CHAT, CHAT_NAME, isPageView, JSON_CHAT, missingName, privateRoom } from "./chat.ts";
import { BLANK_DOCUMENT, DOCUMENT } from "./documents.ts";
import { durableResource } from "./durable/routes.ts";
import { BLANK_MAP, DEFAULT_MAP, mapResources, PIN } from "./maps/resources.ts";
import type { EdgeOptions } from "./options.ts";
import type { Resource } from "./resource.ts";
import { ROOM } from "./rooms.ts";
import { statsResource } from "./stats.ts";
import { BODY_BYTES, server, type Found } from "./serve.ts";
import { isUpgrade, offersNative, refuseSocket } from "./sockets.ts";
import { siteScript } from "./site-script.ts";
import { locate, PUBLISH } from "./streams/publish.ts";
import { STREAM, SUBSCRIBE } from "./streams/stream.ts";

/** The rooms' routes, to be put before a Worker's own. */
export interface Routes<Env> {
  /** The response, or undefined for a path that is not a room's: then it is somebody else's to answer. */
  fetch(request: Request, env: Env, ctx?: ExecutionContext): Promise<Response | undefined>;
  /**
   * The 404 for what neither these routes nor your own answered: paths below those of rooms, writes and upgrades. Undefined for
   * page views and other reads, which static assets may answer: asked for a mistyped path of a room they would answer with the
   * page, and a program would take it for the room.
   */
  notFound(request: Request): Response | undefined;
}

/** What the router is given with each request. `missed` is how it says that nothing matched. */
interface Passage<Env> {
  readonly env: Env;
  missed: boolean;
}

/** Makes the routes of rooms. Throws TypeError for options that cannot work. */
export function createRoutes<Env>(options: EdgeOptions<Env>): Routes<Env> {
  const base = checkBase(options.basePath ?? "");
  const serve = server(options);
  // Paths stay as they came: an id decodes once, strictly, where it is read.
  const app = new Hono<{ Bindings: Passage<Env> }>({ getPath: (request) => new URL(request.url).pathname });

  const mount = (pattern: string, resources: readonly Resource[], place: (kind: string) => Place<Env> | undefined) => {
    for (const resource of resources) {
      const path = base + pattern + resource.path;
      app.all(path, async (c, next) => {
        const params = rawParams(path, c.req.path);
        const found = place(params["kind"] ?? "document");
        if (found === undefined || resource.passes?.(c.req.raw) === true) return next();
        return serve({ request: c.req.raw, env: c.env.env, resource, params, ...found });
      });
    }
  };

  const { documents, chats, rooms = {} } = options;
  if (documents !== undefined) {
    const place: Place<Env> = { kind: "document", namespace: documents, blank: BLANK_DOCUMENT };
    mount("/doc/:id", DOCUMENT, () => place);
  }
  if (chats !== undefined) {
    const place: Place<Env> = { kind: "chat", namespace: chats, rules: { longestName: options.chatName ?? CHAT_NAME } };
    mount("/chat/:id", CHAT, () => place);
    mount("/api/room/:id", JSON_CHAT, () => place);
    for (const path of ["/api/room", "/api/room/"]) {
      app.all(base + path, (c) => privateRoom(options, c.req.raw, c.env.env));
    }
    app.all(`${base}/api/room//websocket`, () => missingName());
    // Clients of the line format put a name with slashes into the path as it is: what no route above takes is all name.
    const line = CHAT.find(({ path }) => path === "");
    app.all(`${base}/chat/*`, (c, next) => {
      const { raw } = c.req;
      const id = c.req.path.slice(`${base}/chat/`.length);
      if (line === undefined || id === "" || raw.method !== "GET" || !isUpgrade(raw) || offersNative(raw))
        return next();
      return serve({ request: raw, env: c.env.env, resource: line, params: { id }, ...place });
    });
    // A parameter is never empty.
    for (const path of ["/chat", "/chat/"]) {
      app.all(base + path, (c, next) => (isPageView(c.req.raw) ? next() : missingName()));
    }
  }
  mount("/room/:kind/:id", ROOM, (kind) => {
    const namespace = Object.hasOwn(rooms, kind) ? rooms[kind] : undefined;
    return namespace === undefined ? undefined : { kind, namespace };
  });
  // A native client would try for ever. Whatever else is there is somebody else's to answer.
  app.all(`${base}/room/:kind/:id/ws`, (c, next) => {
    const refusal = refuse("not_found", "There is no such kind of room here.");
    const refused = refuseSocket(c.req.raw, refusal);
    return refused === undefined ? next() : Promise.resolve(refused);
  });
  const { streams } = options;
  if (streams !== undefined) {
    const sites = options.streamOrigins;
    const place = { kind: "stream", namespace: streams, ...(sites === undefined ? {} : { origins: sites }) };
    mount("/stream/:id", STREAM, () => place);
    if (options.stats !== undefined) mount("/stream/:id", [statsResource(options.stats)], () => place);
    app.all(`${base}/sdk.js`, (c) => siteScript(c.req.raw));
    const durable = durableResource(options);
    app.all(`${base}/v1/stream/*`, (c) => {
      const id = c.req.path.slice(`${base}/v1/stream/`.length);
      return serve({ request: c.req.raw, env: c.env.env, resource: durable, params: { id }, ...place });
    });
    app.all(`${base}/publish`, async (c) => {
      const asked = { request: c.req.raw, env: c.env.env, resource: PUBLISH, params: {}, ...place };
      if (c.req.method !== "POST") return serve(asked);
      const located = await locate(c.req.raw, options.bodyBytes ?? BODY_BYTES);
      return serve(
        located instanceof Refusal ? { ...asked, refused: located } : { ...asked, ...atSite(located.site), ...located },
      );
    });
    app.all(`${base}/subscribe`, (c) => {
      const asked = { request: c.req.raw, env: c.env.env, resource: SUBSCRIBE, params: {}, ...place };
      const site = new URL(c.req.raw.url).searchParams.get("siteId") ?? "";
      const refused = refuse("bad_request", "The query says which site: /subscribe?siteId=<id>.");
      return serve(site === "" ? { ...asked, refused } : { ...asked, ...atSite(site) });
    });
  }
  const { maps } = options;
  if (maps !== undefined) {
    const place: Place<Env> = { kind: "map", namespace: maps, blank: BLANK_MAP };
    mount("/map/:id", mapResources(options), () => place);
    app.all(`${base}/api/map`, (c) => {
      const id = new URL(c.req.raw.url).searchParams.get("id");
      const params = named(id === null || id === "" ? DEFAULT_MAP : id);
      return serve({ request: c.req.raw, env: c.env.env, resource: PIN, params, ...place });
    });
    app.all(`${base}/api/map/*`, (c) => c.text("Not found", 404));
  }
  const prefixes = [
    "/room",
    ...(documents === undefined ? [] : ["/doc"]),
    ...(chats === undefined ? [] : ["/chat", "/api/room"]),
    ...(streams === undefined ? [] : ["/stream", "/v1/stream", "/publish", "/subscribe", "/sdk.js"]),
    ...(maps === undefined ? [] : ["/map", "/api/map"]),
  ].map((prefix) => base + prefix);
  app.notFound((c: Context<{ Bindings: Passage<Env> }>) => {
    c.env.missed = true;
    return c.body(null, 404);
  });

  const check = setupCheck(options);
  check(bindings as Env);
  return {
    async fetch(request, env) {
      check(env);
      const passage: Passage<Env> = { env, missed: false };
      const response = await app.fetch(request, passage);
      return passage.missed ? undefined : response;
    },
    notFound(request) {
      const { pathname } = new URL(request.url);
      const isRooms = prefixes.some((prefix) => pathname === prefix || pathname.startsWith(`${prefix}/`));
      const isRead = !isUpgrade(request) && (request.method === "GET" || request.method === "HEAD");
      return isPageView(request) || (isRead && !isRooms) ? undefined : unknownRoute(request);
    },
  };
}

/** Makes a whole Worker of the rooms' routes: every other path is a 404. */
export function createWorker<Env>(options: EdgeOptions<Env>): { fetch: ExportedHandlerFetchHandler<Env> } {
  const routes = createRoutes(options);
  return {
    async fetch(request, env, ctx) {
      const response = await routes.fetch(request, env, ctx);
      if (response !== undefined) return response;
      return unknownRoute(request);
    },
  };
}

function unknownRoute(request: Request): Response {
  const refusal = refuse("not_found", "There is no such route.");
  return refuseSocket(request, refusal) ?? refusalResponse(refusal);
}

/** Logs what is missing of a Worker's bindings: as it starts, and at its first request, which may come with other ones. */
function setupCheck<Env>(options: EdgeOptions<Env>): (env: Env) => void {
  const logged = new Set<string>();
  let checks = 2;
  return (env) => {
    if (checks === 0) return;
    checks -= 1;
    for (const problem of missingBindings(options, env)) {
      if (logged.has(problem)) continue;
      logged.add(problem);
      console.error(`roomcast: ${problem}`);
    }
  };
}

/** As a path would name it. */
function atSite(site: string): { readonly params: Readonly<Record<string, string>> } {
  return { params: named(site) };
}

function named(id: string): Readonly<Record<string, string>> {
  // A lone surrogate has no percent-encoding, and U+FFFD stands for it in every URL.
  return { id: encodeURIComponent(id.toWellFormed()) };
}

type Place<Env> = Pick<Found<Env>, "kind" | "namespace" | "blank" | "origins" | "rules">;

function checkBase(base: string): string {
  if (/^(\/[\w.~-]+)*$/.test(base)) return base;
  throw new TypeError(`A base path is like /api, without a slash at its end: ${JSON.stringify(base)}`);
}

/** The parameters of a path that matched a pattern, as they were written. */
function rawParams(pattern: string, path: string): Readonly<Record<string, string>> {
  const written = path.split("/");
  return Object.fromEntries(
    pattern.split("/").flatMap((part, at) => (part.startsWith(":") ? [[part.slice(1), written[at] ?? ""]] : [])),
  );
}
