import { expect, test } from "vitest";
import { onStorage } from "../../test/engine/ledger.ts";
import { Kept, type Head } from "./kept.ts";

const NOW = 1_000_000;
const HELD = [0, 3, 7, 10, Infinity];

test("K3 L3 H5 whatever holds ops, all that is held stays, all else past its bounds goes, and a sleep changes nothing", async () => {
  await onStorage("kept", ({ store }) => {
    store.prepare();
    for (const floor of HELD) {
      for (const checkpoint of HELD) {
        for (const [age, ops] of [
          [100, 100],
          [100, 2],
          [1_000, 4],
          [1, 100],
        ] as const) {
          store.log.clear();
          // Ten rows of one op each, the newest of them 10 old.
          const head: Head = { seq: 10, at: NOW, total: 10 };
          for (let seq = 1; seq <= 10; seq += 1)
            store.log.append({
              first: seq,
              last: seq,
              at: NOW - (11 - seq) * 10,
              total: seq,
              kindVersion: 1,
              body: "x",
              bindings: null,
            });
          const open = (): Kept => {
            const kept = new Kept(store.log, { ops, bytes: 100, age }, () => floor);
            kept.read(head);
            return kept;
          };
          const kept = open();
          kept.trim(head, checkpoint);
          const past = Math.max(10 - ops, 11 - Math.ceil(age / 10), 0);
          const dropped = Math.min(past, floor, checkpoint, 10);
          for (const one of [kept, open()]) {
            expect(one.oldest).toBe(dropped + 1);
            expect(one.totalAt(0)).toBe(dropped);
            expect(one.expiresAt).toBe(dropped === 10 ? undefined : NOW - (10 - dropped) * 10 + age);
            // What is held is no reason to try again at each commit.
            expect(one.isOver(head)).toBe(10 - dropped > ops * 1.25 + 1 && floor > dropped);
          }
        }
      }
    }
  });
});
