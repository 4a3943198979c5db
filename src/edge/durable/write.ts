import type { ProducerMark } from "../../kinds/stream/durable/types.ts";
import { Refusal, refuse } from "../../protocol/refusal.ts";
import type { Admission } from "../../room/api.ts";
import type { Appended, CreateRequest } from "../../room/durable/api.ts";
import { refusalOf, type Answer } from "../answers.ts";
import { readBytes } from "../body.ts";
import { decodeRoomId } from "../room-id.ts";
import type { Visit } from "../resource.ts";
import { dataHeaders, plain, SAFE, streamHeaders } from "./format.ts";
import { durableOf } from "./room.ts";
import { parseOffset } from "./offset.ts";

/**
 * One append. The protocol's own client gathers values until there is a mebibyte of them: with the one that comes last,
 * and a comma for each, that may be three times as much.
 */
const MESSAGE_BYTES = 4 * 1024 * 1024;
/** Of a message that is too large, so that its writer hears why. */
const DRAIN = 16 * 1024 * 1024;
/** Without leading zeros, signs, points or exponents. */
const WHOLE = /^(0|[1-9]\d{0,14})$/;

class Bad {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}

/** PUT: makes the stream, or says that it is there already. `admitTo` asks what the caller may do with another stream. */
export async function create(visit: Visit, admitTo: (id: string) => Promise<Admission | Refusal>): Promise<Answer> {
  const { request, url } = visit;
  const asked = readCreate(visit);
  if (asked instanceof Bad) return plain(400, asked.why);
  if (asked.fork !== undefined) {
    // Who may write this stream need not be let read the other.
    const source = await admitTo(asked.fork.from);
    if (source instanceof Refusal) return source;
    if (!source.can.includes("read")) return refuse("forbidden", 'A fork needs the permission "read" of its source.');
  }
  const body = await readBytes(request, MESSAGE_BYTES, DRAIN);
  if (body instanceof Refusal) return body;
  const outcome = await durableOf(visit).durableCreate({ ...asked, body }, visit.admission);
  if ("ok" in outcome) return refusalOf(outcome);
  switch (outcome.is) {
    case "created":
    case "exists": {
      const { info } = outcome;
      const headers = dataHeaders(info, info.tail, info.closed);
      const created = outcome.is === "created";
      return new Response(null, {
        status: created ? 201 : 200,
        headers: { ...headers, ...(created ? { location: url.origin + url.pathname } : {}) },
      });
    }
    case "missing":
      return plain(404, "There is no such source.");
    case "conflict":
      return plain(409, outcome.why);
    case "bad":
      return plain(400, outcome.why);
  }
}

function readCreate({ request: { headers }, url, params }: Visit): Omit<CreateRequest, "body"> | Bad {
  const life = readLife(headers);
  if (life instanceof Bad) return life;
  const fork = readFork(headers, url.pathname, params["id"] ?? "");
  if (fork instanceof Bad) return fork;
  const type = headers.get("content-type")?.trim() ?? "";
  return {
    ...(/^[\w-]+\/[\w-]+/.test(type) ? { contentType: type } : {}),
    ...life,
    ...(headers.get("stream-closed") === "true" ? { closed: true } : {}),
    ...(fork === undefined ? {} : { fork }),
  };
}

function readLife(headers: Headers): Pick<CreateRequest, "ttl" | "expiresAt"> | Bad {
  const ttl = headers.get("stream-ttl");
  const expiresAt = headers.get("stream-expires-at");
  if (ttl !== null && expiresAt !== null) return new Bad("Stream-TTL or Stream-Expires-At, not both.");
  if (ttl !== null) return WHOLE.test(ttl) ? { ttl: Number(ttl) } : new Bad("Stream-TTL is a whole number of seconds.");
  if (expiresAt === null) return {};
  return Number.isNaN(Date.parse(expiresAt)) ? new Bad("Stream-Expires-At is an RFC 3339 time.") : { expiresAt };
}

function readFork(headers: Headers, path: string, id: string): CreateRequest["fork"] | Bad {
  const from = headers.get("stream-forked-from");
  const offset = headers.get("stream-fork-offset");
  const sub = headers.get("stream-fork-sub-offset");
  if (from === null || from === "") {
    return sub === null ? undefined : new Bad("Stream-Fork-Sub-Offset goes with Stream-Forked-From.");
  }
  // The source is named by its path, as this stream is.
  const prefix = path.slice(0, path.length - id.length);
  const source = from.startsWith(prefix) ? decodeRoomId(from.slice(prefix.length)) : undefined;
  if (source === undefined || source instanceof Refusal)
    return new Bad(`Stream-Forked-From is a path below ${prefix}.`);
  if (sub !== null && !WHOLE.test(sub)) return new Bad("Stream-Fork-Sub-Offset is a whole number.");
  const count = Number(sub ?? 0);
  if (offset === null || offset === "") {
    return count > 0 ? new Bad("Stream-Fork-Sub-Offset goes with Stream-Fork-Offset.") : { from: source, sub: 0 };
  }
  const position = parseOffset(offset);
  if (position === undefined || position === "now") return new Bad("Stream-Fork-Offset is an offset of the source.");
  return { from: source, position: position === "start" ? { epoch: "", seq: 0 } : position, sub: count };
}

/** POST: appends, closes, or both. */
export async function append(visit: Visit): Promise<Answer> {
  const { headers } = visit.request;
  const producer = readProducer(headers);
  if (producer instanceof Bad) return plain(400, producer.why);
  const body = await readBytes(visit.request, MESSAGE_BYTES, DRAIN);
  if (body instanceof Refusal) return body;
  const close = headers.get("stream-closed") === "true";
  const contentType = headers.get("content-type");
  if (body.byteLength === 0 && !close) return plain(400, "An append has a body.");
  if (body.byteLength > 0 && contentType === null) return plain(400, "An append says its Content-Type.");
  const seq = headers.get("stream-seq");
  const outcome = await durableOf(visit).durableAppend(
    {
      body,
      // Closing alone brings nothing that could be of another type.
      ...(body.byteLength > 0 && contentType !== null ? { contentType } : {}),
      ...(producer === undefined ? {} : { producer }),
      ...(seq === null ? {} : { seq }),
      ...(close ? { close } : {}),
    },
    visit.admission,
  );
  return "ok" in outcome ? refusalOf(outcome) : appended(outcome, producer);
}

function appended(outcome: Exclude<Appended, { readonly ok: false }>, producer: ProducerMark | undefined): Response {
  switch (outcome.is) {
    case "missing":
      return plain(404, "There is no such stream.");
    case "gone":
      return plain(410, "The stream is gone.");
    case "bad":
      return plain(400, outcome.why);
    case "epoch_start":
      return plain(400, "A new epoch of a producer begins with sequence 0.");
    case "epoch_ahead":
      return plain(400, `Producer-Epoch is too far ahead: at most ${outcome.max}. Take the last epoch plus 1.`);
    case "mismatch":
      return plain(409, `The stream holds ${outcome.info.contentType}.`);
    case "behind":
      return plain(409, "Stream-Seq must be greater than the last one.");
    case "stale":
      return plain(403, "The producer has a newer epoch.", { "producer-epoch": String(outcome.epoch) });
    case "gap":
      return plain(409, "Sequences of this producer are missing.", {
        "producer-expected-seq": String(outcome.expected),
        "producer-received-seq": String(outcome.received),
      });
    case "closed": {
      const { info } = outcome;
      return plain(409, "The stream is closed.", streamHeaders(info, info.tail, true));
    }
    case "accepted":
    case "duplicate": {
      const { info } = outcome;
      const seq = outcome.is === "duplicate" ? outcome.seq : producer?.seq;
      const closeOnly = producer !== undefined && outcome.is === "accepted" && !outcome.appended;
      return new Response(null, {
        status: producer === undefined || outcome.is === "duplicate" || closeOnly ? 204 : 200,
        headers: {
          ...streamHeaders(info, info.tail, info.closed),
          ...(producer === undefined ? {} : { "producer-epoch": String(producer.epoch), "producer-seq": String(seq) }),
        },
      });
    }
  }
}

function readProducer(headers: Headers): ProducerMark | undefined | Bad {
  const id = headers.get("producer-id");
  const epoch = headers.get("producer-epoch");
  const seq = headers.get("producer-seq");
  if (id === null && epoch === null && seq === null) return undefined;
  if (id === null || epoch === null || seq === null) {
    return new Bad("Producer-Id, Producer-Epoch and Producer-Seq come together.");
  }
  if (id === "" || id.length > 256) return new Bad("Producer-Id is 1 to 256 characters.");
  const mark = { id, epoch: readCount(epoch), seq: readCount(seq) };
  if (Number.isNaN(mark.epoch)) return new Bad("Producer-Epoch is a whole number.");
  return Number.isNaN(mark.seq) ? new Bad("Producer-Seq is a whole number.") : mark;
}

function readCount(text: string): number {
  const count = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(count) ? count : NaN;
}

/** DELETE. */
export async function remove(visit: Visit): Promise<Answer> {
  const outcome = await durableOf(visit).durableDelete(visit.admission);
  if ("ok" in outcome) return refusalOf(outcome);
  const { is } = outcome;
  if (is === "deleted") return new Response(null, { status: 204, headers: SAFE });
  return is === "gone" ? plain(410, "The stream is gone.") : plain(404, "There is no such stream.");
}
