import { refuse, Refusal } from "../../protocol/refusal.ts";
import type { Condition } from "./conditions.ts";
import { STREAM_LIMITS } from "./limits.ts";

/**
 * The short form: conditions with spaces between them.
 *
 *     type:pageview,click     one of these
 *     path^:/docs             begins with
 *     has:user.id             is there
 *     click "sign up"         occurs in a value of the event, in whatever case
 *
 * A name or value with a space, comma, colon or quote in it is put in quotes, as a JSON string.
 */
export function parseTextFilter(text: string): readonly Condition[] | Refusal {
  const reader = new Reader(text);
  const conditions: Condition[] = [];
  for (;;) {
    reader.spaces();
    if (reader.ended) return conditions;
    if (conditions.length === STREAM_LIMITS.conditions)
      return reader.wrong(`at most ${STREAM_LIMITS.conditions} conditions`);
    const condition = readCondition(reader);
    if (condition instanceof Refusal) return condition;
    conditions.push(condition);
  }
}

function readCondition(reader: Reader): Condition | Refusal {
  const quoted = reader.sees('"');
  const name = reader.word(NAME, "a word, or a field's name");
  if (name instanceof Refusal) return name;
  const isWord = quoted ? name !== "" : /[\p{L}\p{N}]/u.test(name);
  if (isWord && (reader.ended || reader.sees(" "))) {
    return { field: [], test: { is: "search", text: name.toLowerCase() } };
  }
  const prefix = reader.take("^:");
  if (!prefix && !reader.take(":")) return reader.wrong("a colon after the field's name, as in type:click");
  const whole = reader.sees('"');
  const values: string[] = [];
  do {
    if (values.length === STREAM_LIMITS.values) return reader.wrong(`at most ${STREAM_LIMITS.values} values`);
    const value = reader.word(VALUE, "a value");
    if (value instanceof Refusal) return value;
    values.push(value);
  } while (reader.take(","));
  if (!reader.ended && !reader.sees(" ")) return reader.wrong("a space before the next condition");
  const field = quoted ? [name] : name.split(".");
  if (name === "has" && !quoted && !prefix) {
    const [path, ...more] = values;
    if (path === undefined || more.length > 0) return reader.wrong("one field after has:");
    return { field: whole ? [path] : path.split("."), test: { is: "exists", there: true } };
  }
  return { field, test: prefix ? { is: "prefix", values } : { is: "in", values, loose: true } };
}

const NAME = /[^\s",:^]+/y;
const VALUE = /[^\s",]+/y;
const QUOTED = /"(?:[^"\\]|\\.)*"/y;

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get ended(): boolean {
    return this.#at >= this.#text.length;
  }

  sees(sign: string): boolean {
    return this.#text.startsWith(sign, this.#at);
  }

  take(sign: string): boolean {
    const there = this.sees(sign);
    if (there) this.#at += sign.length;
    return there;
  }

  spaces(): void {
    while (this.take(" "));
  }

  /** A word in quotes, or as long as `plain` goes. */
  word(plain: RegExp, expected: string): string | Refusal {
    const quoted = this.sees('"');
    const pattern = quoted ? QUOTED : plain;
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? [];
    if (found === undefined) return this.wrong(quoted ? "a quote at the end of the string" : expected);
    try {
      const word = quoted ? (JSON.parse(found) as string) : found;
      this.#at += found.length;
      return word;
    } catch {
      return this.wrong("a JSON string");
    }
  }

  wrong(expected: string): Refusal {
    return refuse("bad_request", `The filter is wrong at character ${this.#at + 1}: expected ${expected}.`);
  }
}
