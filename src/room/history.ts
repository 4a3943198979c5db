import type { Kind } from "../kinds/kind.ts";
import { refuse, type Refusal } from "../protocol/refusal.ts";
import type { HistoryPage, HistoryRun } from "./api.ts";
import type { Ledger } from "./ledger.ts";
import { migrateBody, opsOf } from "./migrate.ts";
import type { Store } from "./storage/store.ts";

const MAX_OPS = 1_000;
/** A page also ends here, so that a thousand large ops do not become one answer. */
const MAX_UNITS = 4 * 1024 * 1024;

/** A page of committed runs from op `from` on. Whole runs, so a page may hold a few ops more than `limit`. */
export function readHistory<State, Intent, Op>(
  kind: Kind<State, Intent, Op>,
  ledger: Ledger<State, Intent, Op>,
  store: Store,
  range: { readonly from?: number; readonly limit?: number },
): HistoryPage | Refusal {
  const { from = ledger.oldest, limit = 100 } = range;
  if (!Number.isSafeInteger(from) || from < 1) return refuse("bad_request", "`from` is the number of an op, from 1.");
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_OPS) {
    return refuse("bad_request", `\`limit\` is a number of ops from 1 to ${MAX_OPS}.`);
  }
  const { epoch, seq: head } = ledger.position;
  const { oldest } = ledger;
  if (from < oldest) return refuse("gone", `Ops before ${oldest} are no longer kept.`);
  const runs: HistoryRun[] = [];
  let last = from - 1;
  let units = 0;
  if (from <= head) {
    for (const row of store.log.after(from - 1)) {
      const { seq, at, entries } = opsOf(migrateBody(kind, row.kindVersion, row.body));
      runs.push({ seq, at, entries: entries as HistoryRun["entries"] });
      last = row.last;
      units += row.body.length;
      if (last - from + 1 >= limit || units > MAX_UNITS) break;
    }
  }
  return { epoch, runs, oldest, ...(last < head && runs.length > 0 ? { next: last + 1 } : {}) };
}
