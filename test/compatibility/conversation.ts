import { createHash } from "node:crypto";
import { Names, parse } from "./names.ts";
import { Wire, type HttpOptions } from "./wire.ts";

/** Longer ones are kept as their length and hash. */
const LONGEST_LINE = 20_000;

export interface ConversationOptions {
  readonly url: string;
  /** When it begins, by the rooms' clock. */
  readonly since: number;
  /** It is about rooms of the data folder. */
  readonly stored: boolean;
}

/**
 * Talks to a server, and writes down what was said: the transcript has all that is needed to hold the same conversation
 * again, and to compare what the server says then.
 */
export class Conversation {
  readonly lines: string[] = [];
  readonly #url: string;
  readonly #wire: Wire;
  readonly #names: Names;

  constructor({ url, since, stored }: ConversationOptions) {
    this.#url = url;
    this.#wire = new Wire(url);
    this.#names = new Names({ since, stored });
  }

  note(text: string): void {
    this.lines.push(`# ${text}`);
  }

  async connect(who: string, path: string, protocol?: string): Promise<void> {
    this.#wrote(`${who} connects ${path}${protocol === undefined ? "" : ` ${protocol}`}`);
    await this.#wire.connect(who, this.#names.restore(path), protocol);
  }

  /** A native connection. */
  async native(who: string, path: string): Promise<void> {
    await this.connect(who, path, "roomcast.v1");
  }

  /** A frame: text, or JSON. Resolves when as many lines have come. */
  async send(who: string, frame: unknown, answers = 0): Promise<void> {
    const text = typeof frame === "string" ? frame : JSON.stringify(frame);
    this.#wrote(`${who} -> ${text}`);
    this.#wire.send(who, this.#names.restore(text));
    await this.hears(who, answers);
  }

  /** The next lines that come to one. */
  async hears(who: string, count = 1): Promise<void> {
    for (let n = 0; n < count; n += 1) this.#came(who, await this.#wire.next(who));
  }

  async close(who: string): Promise<void> {
    this.lines.push(`${who} closes`);
    await this.#wire.close(who);
  }

  async listen(who: string, path: string, headers: Readonly<Record<string, string>> = {}, events = 0): Promise<void> {
    this.#wrote(`${who} listens ${path} ${JSON.stringify(headers)}`);
    const restored = parse(this.#names.restore(JSON.stringify(headers))) as Record<string, string>;
    await this.#wire.listen(who, this.#names.restore(path), restored);
    await this.hears(who, events === 0 ? 0 : events + 1);
  }

  stop(who: string): void {
    this.lines.push(`${who} stops`);
    this.#wire.stop(who);
  }

  /** A request that waits for its answer while others go on. */
  ask(who: string, path: string): void {
    this.#wrote(`${who} asks ${path}`);
    this.#wire.ask(who, this.#names.restore(path));
  }

  /** Resolves with the body's text. */
  async http(method: string, path: string, options: HttpOptions = {}): Promise<string> {
    const what = JSON.stringify(options);
    this.#wrote(`-> ${method} ${path}${what === "{}" ? "" : ` ${what}`}`);
    const restored = parse(this.#names.restore(what)) as HttpOptions;
    const answer = await this.#wire.request(method, this.#names.restore(path), restored);
    this.#came("", `<- ${answer}`);
    return (parse(answer.slice(answer.indexOf("{"))) as { readonly text?: string }).text ?? "";
  }

  end(): void {
    this.#wire.end();
  }

  /** Holds a recorded conversation again. */
  async again(transcript: readonly string[]): Promise<void> {
    for (const line of transcript) await this.#repeat(line);
  }

  async #repeat(line: string): Promise<void> {
    if (line.startsWith("# ")) return this.note(line.slice(2));
    if (line.startsWith("<- ")) return undefined;
    if (line.startsWith("-> ")) {
      const [, method = "", path = "", options = "{}"] = /^-> (\S+) (\S+)(?: (.*))?$/s.exec(line) ?? [];
      await this.http(method, path, parse(options) as HttpOptions);
      return undefined;
    }
    const [, who = "", verb = "", rest = ""] = /^(\S+) (\S+)(?: (.*))?$/s.exec(line) ?? [];
    const [first = "", second] = rest.split(" ");
    switch (verb) {
      case "connects":
        return this.connect(who, first, second);
      case "->":
        return this.send(who, rest);
      case "closes":
        return this.close(who);
      case "listens":
        return this.listen(who, first, parse(rest.slice(first.length)) as Record<string, string>);
      case "asks":
        return this.ask(who, first);
      case "stops":
        return this.stop(who);
      default:
        return this.hears(who);
    }
  }

  #wrote(line: string): void {
    this.lines.push(this.#names.replace(line, undefined));
  }

  #came(who: string, received: string): void {
    const line = received.replaceAll(this.#url, "<url>");
    const start = line.search(/[[{]/);
    const prefix = who === "" ? "" : `${who} `;
    const head = start === -1 ? line : line.slice(0, start);
    const parsed = start === -1 || !/^<- (\d+ )?$/.test(head) ? undefined : parse(line.slice(start));
    const named = this.#names.replace(line, parsed);
    this.lines.push(prefix + (named.length > LONGEST_LINE ? shortened(named) : named));
  }
}

/** What a long line is, and a hash of all of it. */
function shortened(line: string): string {
  const sha256 = createHash("sha256").update(line).digest("hex");
  return `${line.slice(0, 120).toWellFormed()} … ${line.length} characters, SHA-256 ${sha256}`;
}
