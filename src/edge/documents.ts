import { parseSimplePatch } from "../dialects/json-document/index.ts";
import { Refusal } from "../protocol/refusal.ts";
import { HttpRefusal, jsonText, type Answer } from "./answers.ts";
import { expectJson, mediaType, readJson } from "./body.ts";
import { extend, type Resource, type Visit } from "./resource.ts";
import { ROOM } from "./rooms.ts";
import { openSocket } from "./sockets.ts";
import { write } from "./writes.ts";

/** A document's state when it holds nothing. */
export const BLANK_DOCUMENT = "{}";

/** The wire format that existing clients of documents speak. */
const SIMPLE = "json-document";

/** Makes the one intent of a PATCH, by media type. The body is JSON text, and goes in unchanged. */
const PATCHES: Readonly<Record<string, (body: string) => string>> = {
  "application/merge-patch+json": (body) => `[{"type":"mergePatch","patch":${body}}]`,
  "application/json-patch+json": (body) => `[{"type":"jsonPatch","patch":${body}}]`,
  "application/json": (body) => `[{"type":"merge","value":${body}}]`,
};

const ACCEPT_PATCH = { "accept-patch": Object.keys(PATCHES).join(", ") };

async function putDocument(visit: Visit): Promise<Answer> {
  const unfit = expectJson(visit.request);
  if (unfit !== undefined) return unfit;
  const body = await readJson(visit.request, visit.bodyBytes);
  if (body instanceof Refusal) return body;
  return apply(visit, `[{"type":"set","value":${body.text}}]`);
}

async function patchDocument(visit: Visit): Promise<Answer> {
  const type = mediaType(visit.request.headers.get("content-type"));
  const wrap = type !== undefined && Object.hasOwn(PATCHES, type) ? PATCHES[type] : undefined;
  if (wrap === undefined) {
    const message = `PATCH reads ${ACCEPT_PATCH["accept-patch"]}; this is ${type ?? "of no content type"}.`;
    return new HttpRefusal("unsupported_media_type", message, ACCEPT_PATCH);
  }
  const body = await readJson(visit.request, visit.bodyBytes);
  return body instanceof Refusal ? body : apply(visit, wrap(body.text));
}

/** The simple wire format's write: `{"op": "set" | "merge", "value": {...}}` answers `ok`. */
async function postSimplePatch(visit: Visit): Promise<Answer> {
  // Existing clients send it under any content type.
  const body = await readJson(visit.request, visit.bodyBytes);
  if (body instanceof Refusal) return body;
  const intent = parseSimplePatch(body.value);
  if (intent instanceof Refusal) return intent;
  const answer = await apply(visit, JSON.stringify([intent]));
  if (answer instanceof Refusal || !answer.ok) return answer;
  return new Response("ok", {
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store, no-transform",
      etag: answer.headers.get("etag") ?? "",
    },
  });
}

/** The simple wire format's read. */
async function getValue(visit: Visit): Promise<Answer> {
  return jsonText((await visit.room.readText()).text);
}

function apply(visit: Visit, intents: string): Promise<Answer> {
  return write(visit, (options) => visit.room.applyText(intents, visit.admission, options));
}

/** What a document has: all that a room has, and its own. */
export const DOCUMENT: readonly Resource[] = extend(ROOM, [
  {
    path: "",
    methods: { PUT: { needs: "write", run: putDocument }, PATCH: { needs: "write", run: patchDocument } },
    headers: ACCEPT_PATCH,
  },
  { path: "/get", methods: { GET: { needs: "read", run: getValue } } },
  { path: "/patch", methods: { POST: { needs: "write", run: postSimplePatch } } },
  { path: "/ws", socket: true, methods: { GET: { needs: "read", run: (visit) => openSocket(visit, SIMPLE) } } },
]);
