import {
  array,
  assert,
  asyncProperty,
  constantFrom,
  boolean,
  integer,
  oneof,
  option,
  record,
  string,
  tuple,
} from "fast-check";
import { expect, test } from "vitest";
import type { Kind } from "../../src/kinds/kind.ts";
import { DEFAULT_LIMITS, DEFAULT_RETENTION } from "../../src/protocol/limits.ts";
import { hostOf } from "../../src/room/host/durable-object.ts";
import { Ledger } from "../../src/room/ledger.ts";
import { keyName } from "../../src/room/receipts.ts";
import { Store } from "../../src/room/storage/store.ts";
import { lab, type LabIntent } from "../worker/kinds/lab.ts";
import { inside, labs } from "./rooms.ts";

interface Written {
  /** Rows of the log, as they were appended: bodies, and with them who wrote for the first time. */
  readonly log: number;
  readonly bindings: number;
  readonly checkpoints: number;
}

/** Bytes written by `work`, as SQLite is given them. */
function bytesWritten(storage: DurableObjectStorage, work: (soFar: Written) => void): Written {
  const { sql } = storage;
  const exec = sql.exec.bind(sql);
  const written = { log: 0, bindings: 0, checkpoints: 0 };
  const bytes = (value: unknown): number => (typeof value === "string" ? new TextEncoder().encode(value).length : 0);
  sql.exec = ((query: string, ...values: unknown[]) => {
    if (query.startsWith("INSERT INTO log")) {
      written.log += bytes(values[5]);
      written.bindings += bytes(values[6]);
    } else if (query.startsWith("INSERT OR REPLACE INTO chunks")) {
      written.checkpoints += bytes(values[2]);
    }
    return exec(query, ...(values as SqlStorageValue[]));
  }) as typeof exec;
  try {
    work(written);
  } finally {
    delete (sql as { exec?: unknown }).exec;
  }
  return written;
}

type LabLedger = Ledger<unknown, LabIntent, unknown>;

/** A ledger on an object's own storage, and the bytes that it writes. */
function measured(name: string, work: (ledger: LabLedger, soFar: Written) => void, retention = {}): Promise<Written> {
  return inside(labs(name), (_, state) => {
    const host = hostOf(state);
    const ledger = new Ledger(
      lab as Kind<unknown, LabIntent, unknown>,
      DEFAULT_LIMITS,
      { ...DEFAULT_RETENTION, ...retention },
      new Store(host),
      { clock: host.clock, connected: () => new Set() },
    );
    return bytesWritten(state.storage, (soFar) => work(ledger, soFar));
  });
}

function stage(ledger: LabLedger, intent: LabIntent, key?: string): void {
  const author = key === undefined ? {} : { client: keyName(undefined, key), by: key.slice(0, 11) };
  const mutation = { intents: [intent], ...(key === undefined ? {} : { m: 1 }) };
  const staging = ledger.stage({ can: ["write"], ...author }, mutation);
  if (staging === "full") {
    ledger.commit();
    stage(ledger, intent, key);
  } else if (staging !== "staged") {
    throw new Error(`Not staged: ${JSON.stringify(staging)}`);
  }
}

test("L2 with 20,000 idempotency keys and a small state, under three bytes are written for each byte logged", async () => {
  const written = await measured("written-keys", (ledger) => {
    for (let n = 0; n < 30_000; n += 1) {
      stage(ledger, { do: "put", key: "a", value: `${n}` }, `${n}`.padStart(36, "k"));
      if (n % 20 === 0) ledger.commit();
    }
    ledger.commit();
  });
  expect(written.checkpoints).toBeGreaterThan(500_000);
  expect(written.checkpoints).toBeLessThan(2 * written.log);
  expect(written.log + written.bindings + written.checkpoints).toBeLessThan(3 * (written.log + written.bindings));
});

test("L2 L3 a large state under small ops is not written for each trim: the log waits for the checkpoint", async () => {
  const written = await measured(
    "written-trims",
    (ledger) => {
      stage(ledger, { do: "put", key: "large", value: "x".repeat(600_000) });
      ledger.commit();
      for (let n = 0; n < 5_000; n += 1) {
        stage(ledger, { do: "put", key: "a", value: `${n}` });
        if (n % 5 === 0) ledger.commit();
      }
      ledger.commit();
    },
    { ops: 500 },
  );
  expect(written.checkpoints).toBeGreaterThan(500_000);
  expect(written.checkpoints).toBeLessThan(2 * written.log);
});

const text = oneof(
  string({ maxLength: 40 }),
  tuple(constantFrom("x", "ä", "€", "🙂"), integer({ min: 1, max: 60_000 })).map(([of, n]) => of.repeat(n)),
);
const write = record({
  key: constantFrom("a", "b", "c", "d", "e", "f"),
  value: text,
  /** The length of its idempotency keys: a receipt may be longer than what is logged. */
  keyUnits: option(constantFrom(11, 36, 128), { nil: undefined }),
  times: constantFrom(1, 1, 5, 500),
  commits: boolean(),
});

/** Long keys and short ops: a checkpoint with their receipts would be too large for what was logged. */
const KEYED = { key: "a", value: "x", keyUnits: 128, times: 1_500, commits: false };

test("L2 whatever is written, checkpoints are under twice the bytes logged", async () => {
  let runs = 0;
  await assert(
    asyncProperty(array(write, { minLength: 5, maxLength: 25 }), async (writes) => {
      runs += 1;
      let most = 0;
      await measured(`written-any-${runs}`, (ledger, soFar) => {
        let keys = 0;
        for (const { key, value, keyUnits, times, commits } of [KEYED, ...writes]) {
          const short = times > 1 ? value.slice(0, 60 / Math.sqrt(times)) : value;
          for (let n = 0; n < times; n += 1) {
            const staged = { do: "put" as const, key, value: short.toWellFormed() };
            stage(
              ledger,
              staged,
              keyUnits === undefined ? undefined : `${(keys += 1)}`.padStart(11, "k").padEnd(keyUnits, "-"),
            );
            if (commits) ledger.commit();
            most = Math.max(most, soFar.checkpoints - 2 * soFar.log);
          }
        }
        ledger.commit();
        most = Math.max(most, soFar.checkpoints - 2 * soFar.log);
      });
      expect(most).toBeLessThanOrEqual(0);
    }),
    { numRuns: 15 },
  );
});
