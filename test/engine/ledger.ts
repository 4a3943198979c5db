import type { Kind } from "../../src/kinds/kind.ts";
import { DEFAULT_LIMITS, DEFAULT_RETENTION, type Retention } from "../../src/protocol/limits.ts";
import { Ledger } from "../../src/room/ledger.ts";
import { hostOf } from "../../src/room/host/durable-object.ts";
import { Store } from "../../src/room/storage/store.ts";
import { lab, type LabIntent, type LabOp, type LabState } from "../worker/kinds/lab.ts";
import { inside, labs } from "./rooms.ts";

export type LabLedger = Ledger<LabState, LabIntent, LabOp>;

/** An object's real storage, and ledgers on it as rooms would build them. No room of the object itself is awake. */
export interface Bench {
  readonly store: Store;
  readonly storage: DurableObjectStorage;
  /** As a wake would find it. */
  readonly open: (retention?: Partial<Retention>) => LabLedger;
  readonly openAs: <State, Intent, Op>(
    kind: Kind<State, Intent, Op>,
    retention?: Partial<Retention>,
  ) => Ledger<State, Intent, Op>;
}

export function onStorage<T>(name: string, work: (bench: Bench) => T | Promise<T>): Promise<T> {
  return inside(labs(name), (_, state) => {
    const { storage } = state;
    const host = hostOf(state);
    const store = new Store(host);
    const none = { clock: host.clock, connected: (): ReadonlySet<string> => new Set() };
    return work({
      store,
      storage,
      open: (retention) => new Ledger(lab, DEFAULT_LIMITS, { ...DEFAULT_RETENTION, ...retention }, store, none),
      openAs: (kind, retention) =>
        new Ledger(kind, DEFAULT_LIMITS, { ...DEFAULT_RETENTION, ...retention }, store, none),
    });
  });
}

/** One mutation, committed alone. `m` makes it a client's. */
export function commit(ledger: LabLedger, intent: LabIntent, m?: number): void {
  const author =
    m === undefined
      ? { can: ["write" as const] }
      : { client: "a-client-of-ledgers", by: "ada", can: ["write" as const] };
  const staging = ledger.stage(author, { intents: [intent], ...(m === undefined ? {} : { m }) });
  if (staging !== "staged") throw new Error(`Not staged: ${JSON.stringify(staging)}`);
  ledger.commit();
}

/** What a wake has to read: the checkpoint's state and the bytes of log after it. */
export function wakeCost(storage: DurableObjectStorage): {
  readonly checkpoint: number;
  readonly tail: number;
  readonly seq: number;
} {
  const { sql } = storage;
  const text = sql
    .exec<{ body: string }>("SELECT body FROM chunks WHERE owner = 'checkpoint' ORDER BY n")
    .toArray()
    .map(({ body }) => body)
    .join("");
  const end = text.indexOf("\n");
  const seq = end < 0 ? 0 : (JSON.parse(text.slice(0, end)) as { seq: number }).seq;
  const { tail } = sql
    .exec<{ tail: number }>("SELECT coalesce(sum(length(CAST(body AS BLOB))), 0) AS tail FROM log WHERE last > ?", seq)
    .one();
  return { checkpoint: end < 0 ? 0 : text.length - end - 1, tail, seq };
}

/** Everything that is stored, to see that nothing of it changed. */
export function dump(storage: DurableObjectStorage): Record<string, unknown> {
  const tables = storage.sql
    .exec<{ name: string; sql: string }>(
      "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE '\\_cf\\_%' ESCAPE '\\' ORDER BY name",
    )
    .toArray();
  return Object.fromEntries(
    tables.map(({ name, sql }) => [
      name,
      { sql, rows: sql.startsWith("CREATE TABLE") ? storage.sql.exec(`SELECT * FROM "${name}"`).toArray() : [] },
    ]),
  );
}
