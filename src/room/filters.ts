import type { Kind } from "../kinds/kind.ts";
import { refuse, Refusal } from "../protocol/refusal.ts";
import type { Entry } from "../protocol/room/ops.ts";
import { opsOf } from "./migrate.ts";

/** So many filters are kept compiled; a room has few. */
const MOST = 200;

type Written = { -readonly [Key in keyof Entry]: Entry[Key] };

/** What connections do not want to be sent, taken out of what all are sent: once for each filter, not each socket. */
export class Filters<State, Intent, Op> {
  readonly #kind: Kind<State, Intent, Op>;
  readonly #compiled = new Map<string, (op: Op) => boolean>();

  constructor(kind: Kind<State, Intent, Op>) {
    this.#kind = kind;
  }

  /** Why this is no filter, if so. */
  check(text: string): Refusal | undefined {
    if (this.#kind.filter === undefined) return refuse("bad_message", "Rooms of this kind know no filters.");
    const filter = this.#kind.filter(text);
    return filter instanceof Refusal ? new Refusal("bad_message", filter.message, filter.place) : undefined;
  }

  /** An `ops` message without what does not pass; what is withheld is counted in its place. */
  apply(body: string, text: string): string {
    const passes = this.#passes(text);
    const { entries, ...run } = opsOf(body);
    const left: Written[] = [];
    for (const { ops, ...author } of entries) {
      const begun = left.length;
      for (const op of ops) {
        const last = left.at(-1);
        if (passes(op as Op)) {
          if (left.length > begun && last?.skip === undefined) last?.ops.push(op);
          else left.push({ ...author, ops: [op] });
        } else if (last !== undefined && (left.length > begun || author.m === undefined)) {
          last.skip = (last.skip ?? 0) + 1;
        } else {
          // Whoever sent the mutation waits for its number.
          left.push(author.m === undefined ? { ops: [], skip: 1 } : { ...author, ops: [], skip: 1 });
        }
      }
    }
    return JSON.stringify({ ...run, entries: left });
  }

  #passes(text: string): (op: Op) => boolean {
    let passes = this.#compiled.get(text);
    if (passes === undefined) {
      const made = this.#kind.filter?.(text);
      // It was checked when the connection brought it; other code may think otherwise today.
      passes = made === undefined || made instanceof Refusal ? () => true : made;
      if (this.#compiled.size >= MOST) this.#compiled.clear();
      this.#compiled.set(text, passes);
    }
    return passes;
  }
}
