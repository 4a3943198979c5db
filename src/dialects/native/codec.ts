import * as v from "valibot";
import { ClientMessage } from "../../protocol/client/index.ts";
import { inexactMessage, inexactNumber } from "../../kinds/json/exact.ts";
import { wellFormedJson } from "../../kinds/json/well-formed.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { type Refusal, refuse } from "../../protocol/refusal.ts";
import type { Refused } from "../../protocol/room/answers.ts";
import type { Command } from "../dialect.ts";

/** A line of a frame as a command, or the reason why it is invalid. A refusal with `m` concerns that mutation alone. */
type ReadLine =
  | { readonly command: Command; readonly text: string }
  | { readonly refusal: Refusal; readonly m?: number };

/** One line of a frame. `length` is in characters. */
export type Line = ReadLine & { readonly length: number };

/** Reads a frame of the native protocol: one message a line. Reading stops at the first invalid line. */
export function* readFrame(frame: string): Generator<Line> {
  for (const line of wellFormedJson(frame).split("\n")) {
    const read = readLine(line);
    yield { ...read, length: line.length };
    if ("refusal" in read && read.m === undefined) return;
  }
}

function readLine(line: string): ReadLine {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { refusal: refuse("bad_json", "A frame is one or more JSON messages, one a line.") };
  }
  const parsed = v.safeParse(ClientMessage, value);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const path = v.getDotPath(issue);
    const refusal = refuse("bad_message", path === null ? issue.message : `${path}: ${issue.message}`);
    const m = mutationNumber(value);
    return m === undefined ? { refusal } : { refusal, m };
  }
  const inexact = parsed.output.t === "mutate" ? inexactNumber(line) : undefined;
  if (inexact !== undefined && parsed.output.t === "mutate") {
    return { refusal: refuse("bad_message", inexactMessage(inexact)), m: parsed.output.m };
  }
  return { command: toCommand(parsed.output), text: line };
}

function toCommand(message: ClientMessage): Command {
  switch (message.t) {
    case "hello":
      return { do: "hello", hello: message };
    case "mutate": {
      const { m, intents, again, ifVersion } = message;
      return {
        do: "mutate",
        m,
        intents,
        ...(again === undefined ? {} : { again }),
        ...(ifVersion === undefined ? {} : { ifVersion }),
      };
    }
    case "presence":
      return { do: "presence", data: message.data as JsonObject | null };
    case "ack":
      return { do: "ack", n: message.n };
  }
}

/** A malformed mutation can still be answered by its number. */
function mutationNumber(value: unknown): number | undefined {
  if (typeof value !== "object" || value === null || !("t" in value) || value.t !== "mutate") return undefined;
  return "m" in value && Number.isSafeInteger(value.m) ? (value.m as number) : undefined;
}

export function refusedMessage(refusal: Refusal, m?: number): string {
  const message: Refused = {
    t: "refused",
    ...(m === undefined ? {} : { m }),
    code: refusal.code,
    message: refusal.message,
    ...refusal.place,
  };
  return JSON.stringify(message);
}

export function doneMessage(m: number): string {
  return `{"t":"done","m":${m}}`;
}

export function markMessage(n: number): string {
  return `{"t":"mark","n":${n}}`;
}
