import type { StreamOp } from "../../kinds/stream/types.ts";
import type { Entry, Ops } from "../../protocol/room/ops.ts";

/**
 * An archive's lines: one op each, as JSON. An event has its `data` last, exactly as it was published:
 *
 *     {"seq":1,"at":1795270000000,"visitor":"Yk3…","data":{"type":"pageview","path":"/"}}
 *
 * Before it: what the log has of its author (`by`, `m`, `user`) and of the event (`id`, `visitor`), and in `entry` the
 * number of the first op of those that were written with it, unless that is its own. What is no event, of streams
 * that the Durable Streams protocol wrote to, stands in `op` instead of `data`.
 */

/** They begin the last member. Neither stands before it: in a JSON string each of its quotes has a backslash. */
const DATA = ',"data":';
const OP = ',"op":';

type Author = Omit<Entry, "ops">;

/** The run as lines, each with its line feed. The ops must be today's. */
export function* linesOf({ seq: first, at, entries }: Ops): Generator<string> {
  let seq = first;
  for (const { ops, ...author } of entries) {
    const entry = seq;
    for (const op of ops as readonly StreamOp[]) {
      const head = { seq, at, ...author, ...(entry === seq ? {} : { entry }) };
      if (op.type === "event") {
        const { data, ...event } = op.event;
        yield `${JSON.stringify({ ...head, ...event }).slice(0, -1)}${DATA}${data}}\n`;
      } else {
        yield `${JSON.stringify(head).slice(0, -1)}${OP}${JSON.stringify(op)}}\n`;
      }
      seq += 1;
    }
  }
}

interface Line {
  readonly seq: number;
  readonly at: number;
  readonly entry: number;
  readonly author: Author;
  readonly op: StreamOp;
}

/** Throws for a line that is none, such as half of one. */
function readLine(line: string): Line {
  const data = line.indexOf(DATA);
  const other = line.indexOf(OP);
  const isEvent = data !== -1 && (other === -1 || data < other);
  const end = isEvent ? data : other;
  if (end === -1 || !line.endsWith("}")) throw new Error(`Not a line of an archive: ${line.slice(0, 80)}`);
  const head = JSON.parse(`${line.slice(0, end)}}`) as Author & { seq: number; at: number; entry?: number };
  const last = line.slice(end + (isEvent ? DATA : OP).length, -1);
  const { seq, at, entry = seq, by, m, user, ...event } = head;
  const author = {
    ...(by === undefined ? {} : { by }),
    ...(m === undefined ? {} : { m }),
    ...(user === undefined ? {} : { user }),
  };
  const op = isEvent ? { type: "event" as const, event: { data: last, ...event } } : (JSON.parse(last) as StreamOp);
  return { seq, at, entry, author, op };
}

/** The runs that lines were made of: the same ops under the same numbers, times and authors, written together as before. */
export function runsOf(lines: Iterable<string>): readonly Ops[] {
  const runs: { t: "ops"; seq: number; at: number; entries: { ops: unknown[] }[] }[] = [];
  let next: number | undefined;
  let of: number | undefined;
  for (const text of lines) {
    const { seq, at, entry, author, op } = readLine(text);
    if (next !== undefined && seq !== next) throw new Error(`The archive goes from ${next - 1} to ${seq}.`);
    next = seq + 1;
    let run = runs.at(-1);
    if (run?.at !== at) {
      run = { t: "ops", seq, at, entries: [] };
      runs.push(run);
    }
    const current = run.entries.at(-1);
    if (current === undefined || entry !== of) run.entries.push({ ...author, ops: [op] });
    else current.ops.push(op);
    of = entry;
  }
  return runs;
}
