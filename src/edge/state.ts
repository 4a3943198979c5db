import * as v from "valibot";
import { Refusal, refuse } from "../protocol/refusal.ts";
import { jsonText, refusalOf, type Answer } from "./answers.ts";
import { expectJson, readJson } from "./body.ts";
import { etag, failed, judgeRead, readPreconditions, weakMatch } from "./etags.ts";
import type { Visit } from "./resource.ts";
import { standingOf, write } from "./writes.ts";

/** The state as JSON, with its version as ETag. */
export async function getState(visit: Visit): Promise<Answer> {
  const asked = readPreconditions(visit.request.headers);
  if (asked instanceof Refusal) return asked;
  const read = await visit.room.readText();
  const tag = { etag: etag(read.version) };
  const now = standingOf(visit, read);
  switch (judgeRead(asked, now)) {
    case "failed":
      return weakMatch(asked) ?? failed(now);
    case "not_modified":
      return new Response(null, { status: 304, headers: { ...tag, "cache-control": "no-cache, no-transform" } });
    case "go":
      return jsonText(read.text, 200, tag);
  }
}

const MutateBody = v.strictObject({
  intents: v.pipe(v.array(v.unknown()), v.minLength(1)),
  ifVersion: v.optional(v.string()),
});

/** `{"intents": [...], "ifVersion"?}`: all of them or none. */
export async function postIntents(visit: Visit): Promise<Answer> {
  const unfit = expectJson(visit.request);
  if (unfit !== undefined) return unfit;
  const body = await readJson(visit.request, visit.bodyBytes);
  if (body instanceof Refusal) return body;
  const parsed = v.safeParse(MutateBody, body.value);
  if (!parsed.success) return refuse("bad_message", 'The body is {"intents": [...], "ifVersion"?: "<version>"}.');
  const { intents, ifVersion } = parsed.output;
  const expected = ifVersion === undefined ? {} : { ifVersion };
  return write(visit, (options) =>
    visit.room.applyText(JSON.stringify(intents), visit.admission, { ...options, ...expected }),
  );
}

/** Back to the initial state, with a new epoch. */
export function deleteState(visit: Visit): Promise<Answer> {
  return write(visit, (options) => visit.room.clear(visit.admission, options));
}

/** Ops by range: `?from=<seq>&limit=<ops>`. */
export async function getHistory(visit: Visit): Promise<Answer> {
  const from = readCount(visit.url, "from");
  if (from instanceof Refusal) return from;
  const limit = readCount(visit.url, "limit");
  if (limit instanceof Refusal) return limit;
  const page = await visit.room.history({
    ...(from === undefined ? {} : { from }),
    ...(limit === undefined ? {} : { limit }),
  });
  return "ok" in page ? refusalOf(page) : jsonText(JSON.stringify(page));
}

/** Who is here: presence by connection id. */
export async function getRoster(visit: Visit): Promise<Answer> {
  return jsonText(JSON.stringify({ roster: await visit.room.roster() }), 200, { "cache-control": "no-store" });
}

function readCount(url: URL, name: string): number | undefined | Refusal {
  const text = url.searchParams.get(name);
  if (text === null) return undefined;
  const count = /^[0-9]{1,16}$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(count) && count >= 1
    ? count
    : refuse("bad_request", `The query parameter ${name} is a whole number from 1.`);
}
