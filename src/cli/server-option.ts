import { InvalidArgumentError, Option } from "commander";
import { Failure } from "./failure.ts";

/** A running server, as every command that speaks to one is told of it. */
export interface ServerOptions {
  readonly server: URL;
  readonly header: Headers;
}

/** The options that all commands for a running server have. */
export function serverOptions(): readonly Option[] {
  return [
    new Option("-s, --server <url>", "the server, with the path under which it serves")
      .env("ROOMCAST_SERVER")
      .default(new URL("http://localhost:8787"), "http://localhost:8787")
      .argParser(parseServer),
    new Option("-H, --header <header>", 'sent with each request, such as "Authorization: Bearer ..."; may be repeated')
      .default(new Headers(), "none")
      .argParser(addHeader),
  ];
}

function parseServer(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw new InvalidArgumentError("A server is like https://live.example.");
}

function addHeader(text: string, before: Headers): Headers {
  const colon = text.indexOf(":");
  try {
    const headers = new Headers(before);
    headers.append(text.slice(0, Math.max(colon, 0)), text.slice(colon + 1));
    return headers;
  } catch {
    throw new InvalidArgumentError("A header is like Name: value.");
  }
}

/** The address of a path below a server's. */
export function addressOf(server: URL, path: string, query: Readonly<Record<string, string>> = {}): URL {
  const address = new URL(server);
  address.pathname = `${server.pathname.replace(/\/$/, "")}${path}`;
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  return address;
}

/** The path of a stream. Throws a Failure for what cannot be one's name. */
export function streamPath(stream: string): string {
  if (stream === "" || stream === "." || stream === "..") throw new Failure("A stream needs a name.");
  return `/stream/${encodeURIComponent(stream)}`;
}

/** An answer that says no, and would say it again. */
export class Refused extends Failure {}

/** Throws when an answer is not ok: a Refused where the same request would be refused again, else an Error. */
export async function expectOk(response: Response): Promise<Response> {
  if (response.ok) return response;
  const { status } = response;
  const message = (await refusalOf(response)) ?? `${response.url} answered ${status} ${response.statusText}.`;
  if (status >= 500 || status === 429 || status === 408) throw new Error(message);
  throw new Refused(message);
}

async function refusalOf(response: Response): Promise<string | undefined> {
  try {
    const body: unknown = await response.json();
    if (typeof body !== "object" || body === null || !("error" in body)) return undefined;
    const { error } = body;
    if (typeof error !== "object" || error === null || !("message" in error)) return undefined;
    return `${"code" in error ? `${String(error.code)}: ` : ""}${String(error.message)}`;
  } catch {
    return undefined;
  }
}

/** Why a request did not get through, in words. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error && cause.message !== "") return cause.message;
  if (cause instanceof AggregateError) return cause.errors.map(String).join(", ");
  return error.message;
}

/** Milliseconds to wait before the `attempt`th try in a row, from 1: with jitter, up to 15 s. */
export function pauseBefore(attempt: number): number {
  return (0.5 + Math.random() / 2) * Math.min(15_000, 250 * 2 ** (attempt - 1));
}
