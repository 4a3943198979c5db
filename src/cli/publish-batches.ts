/** What the server takes at once is more; smaller batches are answered sooner. */
const EVENTS = 500;
const UNITS = 256 * 1024;
const NEWLINE = 0x0a;
/** How long a batch that is not full waits for more, in milliseconds. */
const PATIENCE = 20;

/** A line that cannot be sent as it is: what was read before it was given. */
export class BadLine extends Error {
  constructor(line: number) {
    super(`Line ${line} is not UTF-8 text.`);
  }
}

/** Some lines of a text, in order. */
export interface LineBatch {
  /** The number of the first line, from 1. Empty lines count and are not in `lines`. */
  readonly numbers: readonly number[];
  readonly lines: readonly string[];
}

/**
 * Gathers lines into batches: as large as they may be when lines come fast, a line at a time when they come slowly.
 * Reads no further ahead than one batch. Throws a BadLine once what comes before it was taken.
 */
export async function* gatherLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<LineBatch> {
  const lines = linesOf(chunks)[Symbol.asyncIterator]();
  let next = lines.next();
  let number = 0;
  for (;;) {
    const batch: { numbers: number[]; lines: string[] } = { numbers: [], lines: [] };
    let units = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let late: Promise<"late"> | undefined;
    let ended = false;
    let bad = false;
    while (batch.lines.length < EVENTS && units < UNITS) {
      // The first line is waited for, however long it takes.
      const result = await (late === undefined ? next : Promise.race([next, late]));
      if (result === "late") break;
      if (result.done === true) {
        ended = true;
        break;
      }
      number += 1;
      if (result.value === undefined) {
        bad = true;
        break;
      }
      next = lines.next();
      const line = result.value.trim();
      if (line === "") continue;
      late ??= new Promise((resolve) => (timer = setTimeout(resolve, PATIENCE, "late")));
      batch.numbers.push(number);
      batch.lines.push(line);
      units += line.length;
    }
    clearTimeout(timer);
    if (batch.lines.length > 0) yield batch;
    if (bad) throw new BadLine(number);
    if (ended) return;
  }
}

/** The lines of a text in UTF-8, undefined for one that is none: no other text than what was given is published. */
async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string | undefined> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decode = (bytes: Uint8Array): string | undefined => {
    try {
      return decoder.decode(bytes);
    } catch {
      return undefined;
    }
  };
  let rest: Uint8Array[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      yield decode(Buffer.concat([...rest, chunk.subarray(start, end)]));
      rest = [];
      start = end + 1;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  }
  if (rest.length > 0) yield decode(Buffer.concat(rest));
}
