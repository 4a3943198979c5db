import { Refusal, refuse } from "../../protocol/refusal.ts";
import type { Published, PublishOptions } from "../../room/stream/api.ts";
import { jsonText, refusalOf, type Answer } from "../answers.ts";
import { mediaType, readText } from "../body.ts";
import type { StreamStub } from "../options.ts";
import type { Resource, Visit } from "../resource.ts";
import { readIdempotencyKey } from "../writes.ts";
import { readBatch, siteOf } from "./batch.ts";

/** Publishes to the stream of the address, and answers the positions. */
export async function publish(visit: Visit): Promise<Answer> {
  const { request } = visit;
  const text = await readText(request, visit.bodyBytes);
  if (text instanceof Refusal) return text;
  const batch = readBatch(text, mediaType(request.headers.get("content-type")));
  if (batch instanceof Refusal) return batch;
  const published = await send(visit, batch.lines, {});
  return published instanceof Refusal
    ? published
    : jsonText(positions(published), 200, { "cache-control": "no-store" });
}

/** Publishes to the site that the events name. The lines are in the visit: they were read to find the site. */
async function publishToSite(visit: Visit): Promise<Answer> {
  const { admission, request, body = "" } = visit;
  const visitor = `${admission.address ?? ""} ${request.headers.get("user-agent") ?? ""}`;
  const published = await send(visit, body, { visitor });
  if (published instanceof Refusal) return published;
  return new Response("ok", {
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
  });
}

/** `/publish`. */
export const PUBLISH: Resource = { path: "", methods: { POST: { needs: "write", run: publishToSite } } };

/** A request to `/publish`, once it is known which stream it is for. */
export interface Located {
  readonly site: string;
  /** The events, one a line. */
  readonly body: string;
  /** The request with its body unread. */
  readonly request: Request;
}

/** Reads a request to find the site that it publishes to. */
export async function locate(request: Request, bodyBytes: number): Promise<Located | Refusal> {
  const text = await readText(request, bodyBytes);
  if (text instanceof Refusal) return text;
  const batch = readBatch(text, mediaType(request.headers.get("content-type")));
  if (batch instanceof Refusal) return batch;
  const site = siteOf(batch);
  if (site instanceof Refusal) return site;
  return { site, body: batch.lines, request: new Request(request, { method: "POST", body: text }) };
}

async function send(visit: Visit, lines: string, options: PublishOptions): Promise<Published | Refusal> {
  const { headers } = visit.request;
  const conditional = ["if-match", "if-none-match"].find((name) => headers.has(name));
  if (conditional !== undefined) return refuse("bad_request", `This route does not take ${conditional}.`);
  const producer = readProducer(headers);
  if (producer instanceof Refusal) return producer;
  // The route is only put before namespaces of streams.
  const room = visit.room as StreamStub;
  const outcome = await room.publish(lines, visit.admission, { ...options, ...producer });
  return outcome.ok ? outcome : refusalOf(outcome);
}

/** Who publishes, and its how manieth batch this is; or the batch's own key. */
function readProducer(headers: Headers): Pick<PublishOptions, "producer" | "idempotencyKey"> | Refusal {
  const id = headers.get("roomcast-producer");
  const seq = headers.get("roomcast-seq");
  if (id === null && seq === null) {
    const idempotencyKey = readIdempotencyKey(headers);
    if (idempotencyKey instanceof Refusal) return idempotencyKey;
    return idempotencyKey === undefined ? {} : { idempotencyKey };
  }
  if (id === null || !/^[\x21-\x7e]{1,128}$/.test(id)) {
    return refuse("bad_request", "Roomcast-Producer is 1 to 128 printable ASCII characters without spaces.");
  }
  if (seq === null || !/^[1-9][0-9]{0,14}$/.test(seq)) {
    return refuse("bad_request", "Roomcast-Seq is a whole number from 1 that rises with each batch of the producer.");
  }
  return { producer: { id: `id:${id}`, seq: Number(seq) } };
}

/** `{"position","epoch","count","first","last","duplicates","repeated"}`, without what it has not. */
function positions({ epoch, count, first, last, duplicates, repeated }: Published): string {
  const position = last === undefined ? undefined : `${epoch}.${last}`;
  return JSON.stringify({ position, epoch, count, first, last, duplicates, repeated });
}
