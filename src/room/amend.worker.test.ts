import { array, assert, asyncProperty, boolean, constantFrom, integer, record } from "fast-check";
import { expect, test } from "vitest";
import { onStorage } from "../../test/engine/ledger.ts";
import type { Kind } from "../kinds/kind.ts";
import type { Ledger } from "./ledger.ts";
import { readAfter, readBefore, type OpPage } from "./read.ts";

type NoteOp =
  | { readonly type: "note"; readonly text: string }
  | { readonly type: "edit" | "wipe"; readonly n: number; readonly text: string };
type NoteIntent = { readonly say: string } | { readonly edit: number; readonly to: string } | { readonly wipe: number };
interface Notes {
  readonly last: string;
  readonly seen: readonly number[];
}

/** Notes that can be changed and wiped where they stand. */
const notes: Kind<Notes, NoteIntent, NoteOp> = {
  name: "notes",
  version: 1,
  initial: () => ({ last: "", seen: [] }),
  decide(_state, intent, { seq, read }) {
    if ("say" in intent) return [{ type: "note", text: `${seq}: ${intent.say}` }];
    const n = "edit" in intent ? intent.edit : intent.wipe;
    if (read?.(n) === undefined) return [];
    return "edit" in intent ? [{ type: "edit", n, text: intent.to }] : [{ type: "wipe", n, text: "" }];
  },
  fold: ({ seen }, op) => ({ last: op.text, seen: [...seen, op.type === "note" ? 0 : op.n].slice(-3) }),
  amendments: {
    targets: (op) => (op.type === "note" ? [] : [op.n]),
    amend: (earlier, op) => ({ ...earlier, text: op.text }),
    erases: (op) => op.type === "wipe",
  },
};

type NotesLedger = Ledger<Notes, NoteIntent, NoteOp>;

function say(ledger: NotesLedger, ...intents: readonly NoteIntent[]): void {
  ledger.stage({ can: ["write"] }, { intents });
}

const texts = (page: { readonly ops: readonly { readonly seq: number; readonly op: NoteOp }[] }): unknown =>
  page.ops.map(({ seq, op }) => [seq, op.text]);

test("L7 an op changes an earlier one where it stands, committed or staged, in the same mutation or another", async () => {
  await onStorage("amend", ({ openAs, store }) => {
    const ledger = openAs(notes);
    say(ledger, { say: "a" }, { say: "b" });
    ledger.commit();
    say(ledger, { edit: 1, to: "A" });
    say(ledger, { say: "c" });
    say(ledger, { edit: 4, to: "C" }, { say: "d" }, { edit: 6, to: "D" });
    expect(ledger.opAt(1)).toEqual({ type: "note", text: "A" });
    // Nothing of it is true before the commit.
    expect(texts(readAfter(notes, store.log, 0, { limit: 9 }))).toEqual([
      [1, "1: a"],
      [2, "2: b"],
    ]);
    const run = ledger.commit();
    expect(run?.text).toContain('{"type":"note","text":"C"}');
    const all = [
      [1, "A"],
      [2, "2: b"],
      [3, "A"],
      [4, "C"],
      [5, "C"],
      [6, "D"],
      [7, "D"],
    ];
    expect(texts(readAfter(notes, store.log, 0, { limit: 9 }))).toEqual(all);
    expect(texts(readBefore(notes, store.log, 8, { limit: 9 }))).toEqual(all.toReversed());
    expect(openAs(notes).state).toEqual(ledger.state);
  });
});

test("L7 a mutation that is refused amends nothing", async () => {
  await onStorage("amend-refused", ({ openAs }) => {
    const ledger = openAs(notes);
    say(ledger, { say: "a" });
    ledger.commit();
    ledger.stage({ can: ["write"] }, { intents: [{ edit: 1, to: "A" }], ifVersion: "other.1" });
    say(ledger, { say: "b" });
    ledger.commit();
    expect(ledger.opAt(1)).toEqual({ type: "note", text: "1: a" });
  });
});

test("L8 what is erased is left nowhere", async () => {
  await onStorage("amend-erase", ({ openAs, storage }) => {
    const ledger = openAs(notes);
    say(ledger, { say: "SECRET" });
    ledger.commit();
    ledger.expire();
    say(ledger, { wipe: 1 });
    ledger.commit();
    const rows = [
      ...storage.sql.exec("SELECT body FROM log").toArray(),
      ...storage.sql.exec("SELECT body FROM chunks").toArray(),
    ];
    expect(rows.length).toBeGreaterThan(2);
    expect(JSON.stringify(rows)).not.toContain("SECRET");
    expect(ledger.opAt(1)).toEqual({ type: "note", text: "" });
  });
});

test("pages go on where the last one ended, in both directions, whatever is picked", async () => {
  await onStorage("amend-pages", ({ openAs, store }) => {
    const ledger = openAs(notes);
    for (let row = 0; row < 12; row += 1) {
      for (let n = 0; n <= row % 3; n += 1) say(ledger, { say: `${row}` });
      ledger.commit();
    }
    const { seq } = ledger.position;
    for (const backwards of [true, false]) {
      const found: number[] = [];
      let from: number | undefined = backwards ? seq + 1 : 0;
      while (from !== undefined) {
        const range = { limit: 4, pick: ({ text }: NoteOp) => !text.startsWith("5") };
        const page: OpPage<NoteOp> = backwards
          ? readBefore(notes, store.log, from, range)
          : readAfter(notes, store.log, from, range);
        found.push(...page.ops.map((op) => op.seq));
        from = page.next === undefined ? undefined : backwards ? page.next + 1 : page.next - 1;
      }
      const all = Array.from({ length: seq }, (_, index) => index + 1).filter((n) => !String(n).startsWith("5"));
      expect(found).toEqual(backwards ? all.toReversed() : all);
    }
  });
});

test("the first op at a time is found among rows of any length", async () => {
  await onStorage("amend-times", ({ store, storage }) => {
    store.prepare();
    const rows: { first: number; at: number }[] = [];
    let first = 1;
    for (let row = 0; row < 50; row += 1) {
      const last = first + (row % 7);
      const at = 1000 + Math.floor(row / 3) * 10;
      storage.sql.exec("INSERT INTO log VALUES (?, ?, ?, 0, 1, '{}', NULL)", first, last, at);
      rows.push({ first, at });
      first = last + 1;
    }
    for (let at = 995; at < 1180; at += 1) {
      expect(store.log.seqAt(at)).toBe(rows.find((row) => row.at >= at)?.first);
    }
  });
});

/** The bytes of the largest row, all of its columns. */
function largestRow(sql: SqlStorage): number {
  const query =
    "SELECT max(length(CAST(body AS BLOB)) + coalesce(length(CAST(bindings AS BLOB)), 0)) AS bytes FROM log";
  return sql.exec<{ bytes: number }>(query).one().bytes;
}

test("L7 L8 a row that amendments make too large is divided: every edit is kept, under its number, across a wake", async () => {
  await onStorage("amend-divide", ({ openAs, store, storage }) => {
    const ledger = openAs(notes);
    const count = 90;
    for (let n = 1; n <= count; n += 1) ledger.stage({ can: ["write"] }, { intents: [{ say: "short" }] });
    ledger.commit();
    const text = (n: number): string => `${n} ${n % 2 === 0 ? "€".repeat(15_000) : "x".repeat(40_000)}`;
    for (let n = 1; n <= count; n += 1) {
      say(ledger, { edit: n, to: text(n) });
      if (n % 7 === 0) ledger.commit();
    }
    ledger.commit();
    expect(largestRow(storage.sql)).toBeLessThan(1_900_000);
    const page: [number, string][] = [];
    for (let from: number | undefined = 0; from !== undefined && from < count;) {
      const { ops, next }: OpPage<NoteOp> = readAfter(notes, store.log, from, { limit: 10 });
      for (const { seq, op } of ops) page.push([seq, op.text]);
      from = next === undefined ? undefined : next - 1;
    }
    for (const [n, [seq, read]] of page.slice(0, count).entries())
      expect(seq === n + 1 && read === text(seq)).toBe(true);
    const woken = openAs(notes);
    expect(woken.state).toEqual(ledger.state);
    expect(woken.position).toEqual(ledger.position);
    expect(woken.opAt(48)).toEqual({ type: "note", text: text(48) });
    // The running total never goes down along the log, so that tails have their sizes and trims their order.
    const totals = [...store.log.after(0)].map(({ total }) => total);
    expect(totals).toEqual(totals.toSorted((a, b) => a - b));
    say(ledger, { wipe: 50 });
    ledger.commit();
    const { body = "" } = store.log.rowOf(50) ?? {};
    expect(body.includes(text(50))).toBe(false);
    expect(body.includes(text(51))).toBe(true);
    expect(ledger.opAt(50)).toEqual({ type: "note", text: "" });
  });
});

const FIRST = { target: 1, isRecent: false, units: 0, of: "x", says: 12, commits: true };

test("L7 whatever is said and changed, staged or committed, no row outgrows its limit, and all of it is found again", async () => {
  let run = 0;
  const move = record({
    target: integer({ min: 1, max: 12 }),
    isRecent: boolean(),
    units: integer({ min: 0, max: 400_000 }),
    of: constantFrom("x", "ä", "€"),
    says: integer({ min: 0, max: 12 }),
    commits: boolean(),
  });
  await assert(
    asyncProperty(array(move, { minLength: 3, maxLength: 14 }), async (moves) => {
      run += 1;
      await onStorage(`amend-any-${run}`, ({ openAs, storage }) => {
        const ledger = openAs(notes);
        const expected = new Map<number, string>();
        let seq = 0;
        const write = (...intents: readonly NoteIntent[]): boolean => {
          let staging = ledger.stage({ can: ["write"] }, { intents });
          if (staging === "full") {
            ledger.commit();
            staging = ledger.stage({ can: ["write"] }, { intents });
          }
          return staging === "staged";
        };
        // Edits gather in the first row, or change one of the newest ops, which may be staged yet.
        for (const { target, isRecent, units, of, says, commits } of [FIRST, ...moves]) {
          const said = Array.from({ length: says }, (_, n) => ({ say: `${n}` }));
          if (says > 0 && write(...said)) for (let n = 0; n < says; n += 1) expected.set((seq += 1), `${seq}: ${n}`);
          const to = of.repeat(units);
          const n = isRecent ? Math.max(1, seq + 1 - target) : target;
          if (write({ edit: n, to })) {
            expected.set(n, to);
            expected.set((seq += 1), to);
          }
          if (commits) ledger.commit();
        }
        ledger.commit();
        expect(seq > 0 ? largestRow(storage.sql) : 0).toBeLessThan(1_900_000);
        const woken = openAs(notes);
        expect(woken.position.seq).toBe(seq);
        for (const [n, text] of expected) expect((woken.opAt(n)?.text ?? "") === text).toBe(true);
      });
    }),
    { numRuns: 12 },
  );
});

test("L7 an op that would outgrow a row by itself is refused, and nothing changes", async () => {
  await onStorage("amend-too-large", ({ openAs }) => {
    const ledger = openAs(growing);
    for (let n = 0; n < 5; n += 1) {
      ledger.stage({ can: ["write"] }, { intents: [n === 0 ? { say: "a" } : { edit: 1, to: "x".repeat(400_000) }] });
      ledger.commit();
    }
    const before = ledger.position;
    const staging = ledger.stage({ can: ["write"] }, { intents: [{ edit: 1, to: "x".repeat(400_000) }] });
    expect(staging).toMatchObject({ code: "too_large" });
    expect(ledger.position).toEqual(before);
    expect(ledger.opAt(1)?.text).toHaveLength(4 * 400_000 + 4);
  });
});

/** Notes to which edits only add. */
const growing: typeof notes = {
  ...notes,
  fold: (state) => state,
  amendments: {
    targets: (op) => (op.type === "note" ? [] : [op.n]),
    amend: (earlier, op) => ({ ...earlier, text: earlier.text + op.text }),
    erases: () => false,
  },
};

test("C1 clients that write for the first time count in the row that binds them", async () => {
  await onStorage("amend-bindings", ({ openAs, storage }) => {
    const ledger = openAs(notes);
    for (let n = 0; n < 9_000; n += 1) {
      const client = `key:${JSON.stringify([null, `${n}`.padEnd(128, '"')])}`;
      const author = { client, by: `${n}`.padStart(11, "0"), can: ["write"] as const };
      const mutation = { m: 1, intents: [{ say: "€€" }] };
      if (ledger.full) ledger.commit();
      if (ledger.stage(author, mutation) === "full") {
        ledger.commit();
        ledger.stage(author, mutation);
      }
    }
    ledger.commit();
    expect(largestRow(storage.sql)).toBeLessThan(1_900_000);
    expect(openAs(notes).position.seq).toBe(9_000);
  });
});

test("L3 L7 retention by bytes counts what amendments add to earlier rows", async () => {
  await onStorage("amend-retention", ({ openAs, storage }) => {
    const ledger = openAs(swelling, { bytes: 1_000_000 });
    const kept = (): number =>
      storage.sql.exec<{ n: number }>("SELECT sum(length(CAST(body AS BLOB))) AS n FROM log").one().n;
    for (let n = 0; n < 20; n += 1) {
      say(ledger, { say: "short" });
      ledger.commit();
    }
    for (let n = 1; n <= 20; n += 1) {
      say(ledger, { edit: n, to: "100000" });
      ledger.commit();
      expect(kept()).toBeLessThan(1_200_000);
    }
    expect(ledger.oldest).toBeGreaterThan(1);
    expect(openAs(swelling).oldest).toBe(ledger.oldest);
  });
});

/** Notes whose edits are short, and say how long the note gets. */
const swelling: typeof notes = {
  ...notes,
  amendments: {
    targets: (op) => (op.type === "note" ? [] : [op.n]),
    amend: (earlier, op) => ({ ...earlier, text: "x".repeat(Number(op.text)) }),
    erases: () => false,
  },
};
