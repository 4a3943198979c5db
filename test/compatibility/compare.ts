import { parse } from "./names.ts";

/**
 * Members that later versions added, by where they stand: the type of a native message, `answer` for the JSON of an HTTP
 * answer, `event` for the data of a server-sent event. Old clients ignore them, as PROTOCOL.md asks of them.
 */
const ADDED: Readonly<Record<string, readonly string[]>> = {
  welcome: [],
  snapshot: [],
  ops: [],
  answer: [],
  event: [],
};

/** Requests that were refused when they were recorded, and are not any more. Nobody relies on a refusal. */
const TAKEN_SINCE: ReadonlySet<string> = new Set([
  // A plain word searches.
  "-> GET /stream/live?filter=type",
]);

/**
 * What of a transcript must be the same in every version: all of it except the words of errors that have a code, the order
 * of members, and members that were added since. Documents are compared to the letter, as their order is the user's.
 */
export function essence(transcript: readonly string[]): readonly unknown[] {
  let request = "";
  return transcript.map((line) => {
    if (line.startsWith("-> ")) request = line;
    const answer = /^<- (\d+) (\{.*\})$/s.exec(line);
    if (answer !== null) return essenceOfAnswer(request, Number(answer[1]), parse(answer[2] ?? ""));
    const closed = /^(\S+ is closed \d+ \w+): /.exec(line);
    if (closed !== null) return closed[1];
    const [, who, text = ""] = /^(\S+) <- (.*)$/s.exec(line) ?? [];
    const frame = parse(text);
    return who === undefined || frame === undefined ? line : [who, essenceOfFrame(frame)];
  });
}

interface Answer {
  readonly headers: Readonly<Record<string, string>>;
  readonly text?: string;
  readonly base64?: string;
}

/** Of a document, as it is or as it was. */
const DOCUMENT = /^-> GET \/doc\/[^/?]+(?:\/get|\/versions\/[^/]+)?$/;

function essenceOfAnswer(request: string, status: number, answer: unknown): unknown {
  if (TAKEN_SINCE.has(request)) return request;
  // A line that was shortened is compared by its hash.
  if (!isObject(answer)) return [request, status, answer];
  const { headers, text, base64 } = answer as unknown as Answer;
  const body = text === undefined ? undefined : parse(text);
  const error = isObject(body) ? body["error"] : undefined;
  if (isObject(error)) return [request, status, headers, essenceOfError(error)];
  if (status >= 400 && request.includes(" /v1/stream/")) return [request, status, headers];
  const exact = DOCUMENT.test(request) || !isObject(body);
  return [request, status, headers, exact ? text : without(body, "answer"), base64];
}

function essenceOfFrame(frame: unknown): unknown {
  if (!isObject(frame)) return frame;
  // A refusal; an error of a wire format that has codes.
  if (typeof frame["code"] === "string") return essenceOfError(frame);
  if (typeof frame["event"] === "string" && typeof frame["data"] === "string") {
    const data = parse(frame["data"]);
    return { ...frame, data: isObject(data) ? without(data, "event") : frame["data"] };
  }
  return typeof frame["t"] === "string" ? without(frame, frame["t"]) : frame;
}

function essenceOfError(error: Record<string, unknown>): unknown {
  const { message: _, error: __, lines, ...rest } = error;
  const places = Array.isArray(lines)
    ? (lines as readonly unknown[]).map((line) => (isObject(line) ? { ...line, message: undefined } : line))
    : lines;
  return { ...rest, lines: places };
}

function without(value: Record<string, unknown>, where: string): unknown {
  const added = new Set(ADDED[where]);
  return Object.fromEntries(Object.entries(value).filter(([name]) => !added.has(name)));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
