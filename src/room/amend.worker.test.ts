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
