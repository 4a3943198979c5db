/** What the server takes at once is more; smaller batches are answered sooner. */
const EVENTS = 500;
const UNITS = 256 * 1024;
/** How long a batch that is not full waits for more, in milliseconds. */
const PATIENCE = 20;

/** Some lines of a text, in order. */
export interface LineBatch {
  /** The number of the first line, from 1. Empty lines count and are not in `lines`. */
  readonly numbers: readonly number[];
  readonly lines: readonly string[];
}

/**
 * Gathers lines into batches: as large as they may be when lines come fast, a line at a time when they come slowly.
 * Reads no further ahead than one batch.
 */
export async function* gatherLines(chunks: AsyncIterable<string>): AsyncGenerator<LineBatch> {
  const lines = linesOf(chunks)[Symbol.asyncIterator]();
  let next = lines.next();
  let number = 0;
  for (;;) {
    const batch: { numbers: number[]; lines: string[] } = { numbers: [], lines: [] };
    let units = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let late: Promise<"late"> | undefined;
    let ended = false;
    while (batch.lines.length < EVENTS && units < UNITS) {
      // The first line is waited for, however long it takes.
      const result = await (late === undefined ? next : Promise.race([next, late]));
      if (result === "late") break;
      if (result.done === true) {
        ended = true;
        break;
      }
      number += 1;
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
    if (ended) return;
  }
}

async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
