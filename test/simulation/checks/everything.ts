import assert from "node:assert/strict";
import type { Kind } from "../../../src/kinds/kind.ts";
import { compileFilter } from "../../../src/kinds/stream/filter.ts";
import type { StreamOp } from "../../../src/kinds/stream/types.ts";
import { Refusal } from "../../../src/protocol/refusal.ts";
import { migrateOp } from "../../../src/room/migrate.ts";
import type { Conversation } from "../conversation.ts";
import type { Person } from "../person.ts";
import type { Audit, LoggedOp } from "./audit.ts";

/** What the checks read of a room's engine. */
interface Inside {
  readonly kind: Kind<unknown, unknown, unknown>;
  readonly engine: {
    readonly ledger: {
      readonly state: unknown;
      readonly position: { readonly epoch: string; readonly seq: number };
      readonly oldest: number;
    };
    readonly roster: { all(): Readonly<Record<string, unknown>> };
    readonly connections: number;
  };
}

/** What must hold once a conversation is over and everything has settled. Answers what does not. */
export async function checkEverything(conversation: Conversation): Promise<readonly string[]> {
  const faults: string[] = [];
  const inside = conversation.room.wake() as unknown as Inside;
  const audit = conversation.world.audit(conversation.room);
  for (const [name, check] of Object.entries(CHECKS)) {
    try {
      check(conversation, inside, audit);
    } catch (error) {
      faults.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return faults;
}

type Check = (conversation: Conversation, inside: Inside, audit: Audit) => void;

const CHECKS: Readonly<Record<string, Check>> = {
  "the log has no gap, and little more is written than logged": ({ plan, script }, _, audit) =>
    // An erasure rewrites the row and the checkpoint that hold what it erases.
    audit.check(plan.retention.ops < 1_000 || script.erases === true),

  "X1 a mutation is in the log once": (_, __, audit) => {
    const mutations = new Map<string, LoggedOp>();
    for (const op of audit.ops) {
      if (op.by === undefined || op.m === undefined) continue;
      const key = `${op.by} ${op.m}`;
      const before = mutations.get(key);
      if (before !== undefined) {
        assert.ok(
          before.epoch === op.epoch && before.seq + 1 === op.seq,
          `mutation ${op.m} of ${op.by} is in the log at ${before.epoch}.${before.seq} and at ${op.epoch}.${op.seq}`,
        );
      }
      mutations.set(key, op);
    }
  },

  "C5 what was acknowledged is in the log once, and what was refused is not": (
    { outcomes, requests, script },
    _,
    audit,
  ) => {
    const counts = new Map<string, number>();
    for (const { op } of audit.ops) {
      for (const token of script.tokens(op as never)) counts.set(token, (counts.get(token) ?? 0) + 1);
    }
    const erased = script.erases === true && audit.epochs > 1;
    const most = script.repeats === true ? Infinity : 1;
    const check = (who: string, token: string, result: Conversation["outcomes"][number]["result"]): void => {
      const count = counts.get(token) ?? 0;
      assert.notEqual(result, "open", `${who}'s ${token} was never answered`);
      assert.ok(count <= most, `${who}'s ${token} is in the log ${count} times`);
      if (result === "applied")
        assert.ok(count >= 1 || erased, `${who}'s ${token} was acknowledged and is not in the log`);
      else if (typeof result === "object" && !UNCERTAIN.has(result.code)) {
        assert.equal(count, 0, `${who}'s ${token} was refused with ${result.code} and is in the log`);
      }
    };
    for (const { who, token, result } of outcomes) if (token !== undefined) check(who, token, result);
    for (const { token, result } of requests) {
      check("HTTP", token, typeof result === "object" ? { code: `status ${result.status}` } : result);
    }
  },

  "A4 nobody writes who may not": ({ people }, _, audit) => {
    const written = new Map<string, Set<number>>();
    for (const { by = "", m = 0 } of audit.ops) written.set(by, (written.get(by) ?? new Set()).add(m));
    for (const { name, wires } of people) {
      const permitted = new Set(wires.filter(({ can }) => can.includes("write")).flatMap(({ sent }) => [...sent]));
      for (const you of new Set(wires.map((wire) => wire.you))) {
        for (const m of written.get(you ?? "") ?? [])
          assert.ok(
            permitted.has(m),
            `${name}'s mutation ${m} is in the log, and was only sent where it may not write`,
          );
      }
    }
  },

  "H5 what has reached its age is gone": ({ plan }, { engine }) => {
    const { oldest, position } = engine.ledger;
    if (plan.retention.age > SETTLED_MS || plan.archived) return;
    assert.equal(oldest, position.seq + 1, "ops past their age are still in the log");
  },

  "K2 every event is in the archive": ({ plan, room }, { engine }) => {
    if (!plan.archived || engine.ledger.position.seq === 0) return;
    const { last } = room.disk.sql.exec<{ last: number | null }>("SELECT max(last) AS last FROM segments").one();
    assert.equal(last, engine.ledger.position.seq, "the archive does not reach the head");
  },

  "L1 the state is the fold of the log": (conversation, { kind, engine }, audit) => {
    const { ledger } = engine;
    const ops = audit.current;
    if (conversation.restored || ledger.position.epoch !== audit.epoch) return;
    assert.equal(ops.length, ledger.position.seq, "the log's end is the room's position");
    let state = kind.initial();
    for (const { op, kindVersion } of ops) state = kind.fold(state, migrateOp(kind, kindVersion, op));
    assert.deepEqual(plain(ledger.state), plain(state));
  },

  "S3 what people see is what the room has": (conversation, { engine }) => {
    const { script } = conversation;
    for (const { handle, name, can, mayRead } of conversation.here) {
      if (!mayRead) continue;
      assert.equal(handle.pending, 0, `${name} has unanswered mutations`);
      if (script.binding === "STREAMS") continue;
      assert.equal(handle.status.phase, "live", `${name}, who can ${can}, is not live`);
      const shown = plain(script.shown(handle));
      assert.deepEqual(shown, plain(script.stored(engine.ledger.state as never)), `${name} sees something else`);
    }
  },

  "R1 O2 everybody was sent the ops of the log": ({ people }, _, audit) => {
    const logged = new Map(audit.ops.map((op) => [`${op.epoch} ${op.seq}`, op]));
    for (const { wires, name } of people) {
      for (const { seen } of wires) {
        for (const { epoch, seq, by, m, op } of seen) {
          const there = logged.get(`${epoch} ${seq}`);
          assert.ok(there !== undefined, `C2: ${name} was sent op ${epoch}.${seq}, which is in no log`);
          assert.deepEqual(
            { by, m, type: typeOf(op) },
            { by: there.by, m: there.m, type: typeOf(there.op) },
            `${name} was sent another op ${seq}`,
          );
        }
      }
    }
  },

  "B5 nobody was sent what a filter withholds": ({ people }) => {
    for (const { wires, name } of people) {
      for (const { filter, seen } of wires) {
        const passes = filter === undefined || filter === "" ? undefined : compileFilter(filter);
        if (passes === undefined || passes instanceof Refusal) continue;
        for (const { op, seq } of seen) {
          const { type, event } = op as StreamOp & { readonly event: never };
          assert.ok(type === "event" && passes(event), `${name} was sent op ${seq}, which ${filter} withholds`);
        }
      }
    }
  },

  "B3 subscribers are told every event, in order, once": (conversation, { engine }, audit) => {
    for (const person of conversation.here.filter(({ mayRead }) => mayRead))
      for (const reader of person.readers) checkReader(person, reader, engine, audit, conversation.plan.archived);
  },

  "X6 a client has one connection": ({ room }) => {
    const clients = new Set<string>();
    for (const socket of room.sockets) {
      const { client } = (socket.deserializeAttachment() ?? {}) as { readonly client?: string };
      if (client === undefined) continue;
      assert.ok(!clients.has(client), "a client has connected again, and its older connection is still there");
      clients.add(client);
    }
  },

  "P1 P5 everybody who watches sees who is here": (conversation, { engine }) => {
    const roster = new Set(Object.keys(engine.roster.all()));
    for (const { wires, name, present, handle, mayRead } of conversation.here) {
      if (!mayRead) continue;
      const wire = wires.at(-1);
      if (handle.presence === undefined || wire === undefined) continue;
      if (wire.roster !== undefined)
        assert.deepEqual([...wire.roster].sort(), [...roster].sort(), `${name} sees others`);
      assert.ok(present === undefined || wire.watching, `${name} is present and does not watch`);
    }
    const present = conversation.here.filter((person) => person.present !== undefined);
    for (const { name, wires, mayRead } of present) {
      if (!mayRead) continue;
      if (wires.at(-1)?.conn !== undefined)
        assert.ok(roster.has(wires.at(-1)?.conn ?? ""), `${name} is not on the roster`);
    }
    const simple = conversation.simple.filter(({ open, closed }) => open && !closed).length;
    assert.ok(
      roster.size <= present.length + simple,
      `${present.length} people are here, and ${roster.size} on the roster`,
    );
  },

  "W3 T13 T14 M17 simple clients are told what happens, in order, once": ({ simple, script }, { engine }, audit) => {
    const known = new Set(audit.ops.flatMap(({ op }) => script.tokens(op as never)));
    for (const { format, frames, open } of simple) {
      if (format.tokens !== undefined) {
        const logged = format.logged ?? script.tokens;
        const order = audit.ops.flatMap(({ op }) => logged(op as never)).filter((token) => token !== "");
        const places = new Map(order.map((token, place) => [token, place]));
        const all = frames.flatMap((frame) => format.tokens?.(frame) ?? []);
        for (const token of all) assert.ok(known.has(token) || token === "", `C2: ${token} is in no log`);
        const told = all.filter((token) => places.has(token));
        const at = told.map((token) => places.get(token) ?? NaN);
        for (const [index, place] of at.entries()) {
          assert.ok(index === 0 || place > (at[index - 1] ?? 0), `${told[index]} came after ${told[index - 1]}`);
        }
        const from = format.completeFrom?.(frames) ?? Infinity;
        const late = frames.slice(from).flatMap((frame) => format.tokens?.(frame) ?? []);
        const first = late.find((token) => places.has(token));
        if (open && first !== undefined) {
          assert.deepEqual(
            late.filter((token) => places.has(token)),
            order.slice(places.get(first)),
          );
        }
      }
      const shown = open ? format.shown?.(frames) : undefined;
      const stored = format.stored?.(engine.ledger.state as never);
      if (shown !== undefined && stored !== undefined) assert.deepEqual(plain(shown), plain(stored));
    }
  },
};

/** By the end, everything was said longer ago than this. */
const SETTLED_MS = 10 * 60_000;

/** After these nobody can say whether the mutation was applied. */
const UNCERTAIN: ReadonlySet<string> = new Set(["closed", "unknown", "receipt_expired"]);

function checkReader(
  person: Person,
  reader: Person["readers"][number],
  engine: Inside["engine"],
  audit: Audit,
  archived: boolean,
): void {
  const { name } = person;
  assert.equal(reader.subscription.status.phase, "live", `${name}'s subscription is not live`);
  const { epoch, seq: head } = engine.ledger.position;
  assert.equal(reader.subscription.position, `${epoch}.${head}`, `${name}'s subscription is not at the head`);
  let before = { epoch: "", seq: 0 };
  for (const { position } of reader.events) {
    const [of = "", number = ""] = position.split(".");
    const seq = Number(number);
    assert.ok(
      of !== before.epoch || seq > before.seq,
      `${name} was told event ${position} after ${before.epoch}.${before.seq}`,
    );
    before = { epoch: of, seq };
  }
  // Without an archive, the start is the oldest event that was kept when it came. Since the last reset, and of what is the present history, everything that passes was told.
  const reset = reader.resets.at(-1);
  const passes = reader.filter === undefined ? undefined : compileFilter(reader.filter);
  const first = reader.events.find(({ position }) => position.startsWith(`${epoch}.`));
  const told = new Set(reader.events.map(({ position }) => position));
  const from =
    reset !== undefined
      ? numberIn(reset.position, epoch)
      : reader.from === "start" && archived
        ? 0
        : numberIn(first?.position, epoch);
  if (from === undefined) return;
  for (const { seq, op } of audit.current as readonly (LoggedOp & { readonly op: StreamOp })[]) {
    if (seq <= from || op.type !== "event") continue;
    if (typeof passes === "function" && !passes(op.event)) continue;
    assert.ok(told.has(`${epoch}.${seq}`), `${name} was not told event ${epoch}.${seq}`);
  }
}

function numberIn(position: string | undefined, epoch: string): number | undefined {
  const [of, number] = position?.split(".") ?? [];
  return of === epoch ? Number(number) : undefined;
}

function typeOf(op: unknown): unknown {
  return (op as { readonly type?: unknown }).type;
}

/** Without what JSON cannot hold. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown);
}
