import * as v from "valibot";
import { Refusal, refuse } from "../protocol/refusal.ts";
import { jsonText, refusalOf, type Answer } from "./answers.ts";
import { expectJson, readJson } from "./body.ts";
import { etag } from "./etags.ts";
import type { Visit } from "./resource.ts";
import { decodeSegment } from "./room-id.ts";
import { written } from "./writes.ts";

export async function listVersions(visit: Visit): Promise<Answer> {
  return jsonText(JSON.stringify({ versions: await visit.room.listVersions() }));
}

/** `{"name": "..."}` saves the state as it is under that name. */
export async function saveVersion(visit: Visit): Promise<Answer> {
  const unfit = expectJson(visit.request) ?? refuseConditions(visit.request);
  if (unfit !== undefined) return unfit;
  const body = await readJson(visit.request, visit.bodyBytes);
  if (body instanceof Refusal) return body;
  const parsed = v.safeParse(v.strictObject({ name: v.string() }), body.value);
  if (!parsed.success) return refuse("bad_message", 'The body is {"name": "<name>"}.');
  const saved = await visit.room.saveVersion(parsed.output.name, visit.admission);
  if ("ok" in saved) return refusalOf(saved);
  const location = `${visit.url.pathname}/${encodeURIComponent(saved.name)}`;
  return jsonText(JSON.stringify(saved), 201, { location });
}

export function readVersion(visit: Visit): Promise<Answer> {
  return named(visit, async (name) => {
    const saved = await visit.room.readVersion(name);
    return "ok" in saved ? refusalOf(saved) : jsonText(saved.text, 200, { etag: etag(saved.version) });
  });
}

export function deleteVersion(visit: Visit): Promise<Answer> {
  return named(visit, async (name) => {
    const unfit = refuseConditions(visit.request);
    if (unfit !== undefined) return unfit;
    const outcome = await visit.room.deleteVersion(name, visit.admission);
    return outcome.ok ? written(outcome.version) : refusalOf(outcome);
  });
}

export function restoreVersion(visit: Visit): Promise<Answer> {
  return named(visit, async (name) => {
    const unfit = refuseConditions(visit.request);
    if (unfit !== undefined) return unfit;
    const outcome = await visit.room.restoreVersion(name, visit.admission);
    return outcome.ok ? written(outcome.version) : refusalOf(outcome);
  });
}

async function named(visit: Visit, answer: (name: string) => Promise<Answer>): Promise<Answer> {
  const name = decodeSegment(visit.params["name"] ?? "");
  return name === undefined ? refuse("bad_request", "The name has a malformed percent escape.") : answer(name);
}

/** A condition that would not be checked must not look as if it had been. */
function refuseConditions({ headers }: Request): Refusal | undefined {
  const name = ["if-match", "if-none-match"].find((header) => headers.has(header));
  return name === undefined ? undefined : refuse("bad_request", `This route does not take ${name}.`);
}
