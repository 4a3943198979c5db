import { compileFilter } from "../../kinds/stream/filter.ts";
import { parseFrom, type From } from "../../kinds/stream/from.ts";
import { STREAM_LIMITS } from "../../kinds/stream/limits.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { parseVersion } from "../../protocol/position.ts";
import { Refusal, refuse } from "../../protocol/refusal.ts";
import { HttpRefusal, jsonText, refusalOf, type Answer } from "../answers.ts";
import { EventText } from "../event-text.ts";
import { eventResponse, type Asked } from "../events.ts";
import type { StreamStub } from "../options.ts";
import { extend, type Resource, type Visit } from "../resource.ts";
import { ROOM } from "../rooms.ts";
import { deleteState } from "../state.ts";
import { checkUpgrade, isUpgrade, offersNative, openSocket } from "../sockets.ts";
import { STREAM_WORDING } from "./event-text.ts";
import { publish } from "./publish.ts";

/** The wire format of those that do not offer the subprotocol. */
const RAW = "raw-events";

const NEITHER: Refusal = new HttpRefusal(
  "upgrade_required",
  "This route is a WebSocket, or with `Accept: text/event-stream` server-sent events.",
  { upgrade: "websocket" },
);

/** The room of a stream's route: such routes are only put before namespaces of streams. */
export function streamOf(visit: Visit): StreamStub {
  return visit.room as StreamStub;
}

/** What a reader asks for in the query. */
interface Wanted {
  readonly from?: From;
  readonly filter?: string;
}

function readQuery({ searchParams }: URL): Wanted | Refusal {
  const from = searchParams.get("from");
  const begin = from === null ? undefined : parseFrom(from);
  if (begin instanceof Refusal) return begin;
  const filter = searchParams.get("filter");
  const compiled = filter === null ? undefined : compileFilter(filter);
  if (compiled instanceof Refusal) return compiled;
  return {
    ...(begin === undefined ? {} : { from: begin }),
    ...(filter === null || filter.trim() === "" ? {} : { filter }),
  };
}

function wantsEvents({ headers }: Request): boolean {
  return (headers.get("accept") ?? "").split(",").some((type) => /^\s*text\/event-stream\s*(;|$)/i.test(type));
}

/** Server-sent events, or a page of JSON. */
function getStream(visit: Visit): Promise<Answer> | Answer {
  return wantsEvents(visit.request) ? openStreamEvents(visit) : getPage(visit);
}

/** A WebSocket, or server-sent events for those that ask for them. */
function subscribe(visit: Visit): Promise<Answer> | Answer {
  const { request } = visit;
  if (!isUpgrade(request)) return wantsEvents(request) ? openStreamEvents(visit) : NEITHER;
  const unfit = checkUpgrade(request);
  if (unfit !== undefined) return unfit;
  // A native client says in its hello what it wants.
  if (offersNative(request)) return openSocket(visit, RAW);
  const params = rawParams(visit.url);
  return params instanceof Refusal ? params : openSocket(visit, RAW, params);
}

/** What a socket of raw frames asks for. It has no way to say that it falls behind, so it may not ask for much. */
function rawParams(url: URL): JsonObject | Refusal {
  const wanted = readQuery(url);
  if (wanted instanceof Refusal) return wanted;
  const { from = "now", filter } = wanted;
  const last = from === "now" ? 0 : typeof from === "object" && "last" in from ? from.last : Infinity;
  if (last > STREAM_LIMITS.rawPast) {
    return refuse(
      "bad_request",
      `A socket of raw frames begins now or with last:<n>, n up to ${STREAM_LIMITS.rawPast}. For more of the past, read ` +
        "server-sent events or speak roomcast.v1.",
    );
  }
  return { ...(last === 0 ? {} : { last }), ...(filter === undefined ? {} : { filter }) };
}

async function getPage(visit: Visit): Promise<Answer> {
  const wanted = readQuery(visit.url);
  if (wanted instanceof Refusal) return wanted;
  const { from, filter } = wanted;
  const limit = visit.url.searchParams.get("limit") ?? "100";
  if (!/^[1-9][0-9]{0,3}$/.test(limit) || Number(limit) > STREAM_LIMITS.pageEvents) {
    return refuse("bad_request", `\`limit\` is a number of events from 1 to ${STREAM_LIMITS.pageEvents}.`);
  }
  const page = await streamOf(visit).page({
    limit: Number(limit),
    ...(from === undefined ? {} : { from: from === "now" ? { last: 0 } : from }),
    ...(filter === undefined ? {} : { filter }),
  });
  return "text" in page ? jsonText(page.text, 200, { "cache-control": "no-store" }) : refusalOf(page);
}

/** `Last-Event-ID`, which a browser sends when it connects again, before `from`, which its page wrote. */
function openStreamEvents(visit: Visit): Promise<Answer> | Answer {
  const wanted = readQuery(visit.url);
  if (wanted instanceof Refusal) return wanted;
  const { filter } = wanted;
  const said = visit.request.headers.get("last-event-id") ?? "";
  const from: From = said === "" ? (wanted.from ?? "now") : { after: said };
  return eventResponse(visit, ask(from, filter === undefined ? {} : { filter }));
}

function ask(from: From, narrow: { readonly filter?: string }): Asked {
  if (from === "now") return { hello: { from: { last: 0 }, ...narrow }, translator: new EventText(STREAM_WORDING) };
  if (from === "start" || !("after" in from)) {
    return { hello: { from, ...narrow }, translator: new EventText(STREAM_WORDING) };
  }
  const since = parseVersion(from.after);
  // Not a position of ours: from the beginning, and said so.
  if (since === undefined) {
    return { hello: { from: "start", ...narrow }, translator: new EventText(STREAM_WORDING, 0, "unknown") };
  }
  // Where it cannot be joined any more, from the oldest that is there.
  return { hello: { since, from: "start", ...narrow }, translator: new EventText(STREAM_WORDING, since.seq) };
}

/** What a room has that a stream has too. A stream's state is no value to be read, written or saved. */
const COMMON = ROOM.filter(({ path }) => path === "/history" || path === "/presence");

/** What a stream has at `/stream/:id`. */
export const STREAM: readonly Resource[] = extend(COMMON, [
  {
    path: "",
    methods: {
      GET: { needs: "read", run: getStream },
      POST: { needs: "write", run: publish },
      // Drops everything that was published; the epoch changes.
      DELETE: { needs: "admin", run: deleteState },
    },
  },
  { path: "/ws", methods: { GET: { needs: "read", run: subscribe } } },
  { path: "/events", methods: { GET: { needs: "read", run: openStreamEvents } } },
]);

/** `/subscribe?siteId=…`. */
export const SUBSCRIBE: Resource = { path: "", methods: { GET: { needs: "read", run: subscribe } } };
