import type { Entry, Ops } from "../protocol/room/ops.ts";

/**
 * An archive's lines: one event each, as JSON, with `data` last and exactly as it was published:
 *
 *     {"seq":1,"at":1795270000000,"visitor":"Yk3…","data":{"type":"pageview","path":"/"}}
 *
 * Besides `seq`, `at` and `data`: what the log has of its author (`by`, `m`, `user`) and of the event (`id`, `visitor`).
 */

/** One op of a stream as the log has it, the event's members by name. */
interface EventOp {
  readonly type: "event";
  readonly event: { readonly data: string; readonly [member: string]: unknown };
}

/** Begins the last member. It stands nowhere before that: in a JSON string each of its quotes has a backslash. */
const DATA = ',"data":';

/** The run as lines, each with its line feed. The ops must be today's. */
export function* linesOf({ seq: first, at, entries }: Ops): Generator<string> {
  let seq = first;
  for (const { ops, ...author } of entries) {
    for (const op of ops as readonly EventOp[]) {
      const { data, ...event } = op.event;
      yield `${JSON.stringify({ seq, at, ...author, ...event }).slice(0, -1)}${DATA}${data}}\n`;
      seq += 1;
    }
  }
}

interface Line {
  readonly seq: number;
  readonly at: number;
  readonly author: Omit<Entry, "ops">;
  readonly op: EventOp;
}

/** Throws for a line that is none, such as half of one. */
function readLine(line: string): Line {
  const end = line.indexOf(DATA);
  if (end === -1 || !line.endsWith("}")) throw new Error(`Not a line of an archive: ${line.slice(0, 80)}`);
  const head = JSON.parse(`${line.slice(0, end)}}`) as Omit<Entry, "ops"> & {
    readonly seq: number;
    readonly at: number;
  };
  const { seq, at, by, m, user, ...event } = head;
  const author = {
    ...(by === undefined ? {} : { by }),
    ...(m === undefined ? {} : { m }),
    ...(user === undefined ? {} : { user }),
  };
  return { seq, at, author, op: { type: "event", event: { data: line.slice(end + DATA.length, -1), ...event } } };
}

/**
 * The runs that lines were made of: the same ops under the same numbers, times and authors. Events of one author at one
 * time come as one entry, which may have been several.
 */
export function runsOf(lines: Iterable<string>): readonly Ops[] {
  const runs: { t: "ops"; seq: number; at: number; entries: { ops: unknown[] }[] }[] = [];
  let next: number | undefined;
  let author = "";
  for (const text of lines) {
    const line = readLine(text);
    if (next !== undefined && line.seq !== next) throw new Error(`The archive goes from ${next - 1} to ${line.seq}.`);
    next = line.seq + 1;
    let run = runs.at(-1);
    if (run?.at !== line.at) {
      run = { t: "ops", seq: line.seq, at: line.at, entries: [] };
      runs.push(run);
    }
    const whose = JSON.stringify(line.author);
    const entry = run.entries.at(-1);
    if (entry === undefined || whose !== author) run.entries.push({ ...line.author, ops: [line.op] });
    else entry.ops.push(line.op);
    author = whose;
  }
  return runs;
}
