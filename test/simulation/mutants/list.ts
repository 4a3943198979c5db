import type { SourceEdit } from "../platform/hooks.ts";

/** A fault put into the engine or the client, which the simulation has to find. */
export interface Mutant {
  readonly name: string;
  readonly edits: readonly SourceEdit[];
}

const mutant = (name: string, file: string, from: string, to: string): Mutant => ({
  name,
  edits: [{ file, from, to }],
});

const LEDGER = "src/room/ledger.ts";
const BROADCAST = "src/room/broadcast.ts";

export const MUTANTS: readonly Mutant[] = [
  mutant(
    "a write is answered before it is stored",
    "src/room/commits.ts",
    "this.#waiters.push(waiter);\n      return true;",
    "waiter(undefined);\n      return true;",
  ),
  mutant("a repeated mutation is applied again", LEDGER, 'if (standing === "applied") return "applied";', ""),
  mutant(
    "a refused mutation leaves its first ops in the staged state",
    LEDGER,
    'if (staging !== "staged" && staging !== "nothing") this.#working.undo();',
    "",
  ),
  mutant(
    "memory is kept after a transaction failed",
    LEDGER,
    "      this.undone();\n      throw error;",
    "      throw error;",
  ),
  mutant(
    "the clock goes back",
    LEDGER,
    "Math.max(this.#hold.clock.now(), this.#at, this.#clock)",
    "this.#hold.clock.now()",
  ),
  mutant(
    "first writers are not stored with their row",
    LEDGER,
    "const known = index === 0 ? bindings : null;",
    "const known = null;",
  ),
  mutant(
    "a checkpoint forgets the receipts",
    "src/room/checkpoints.ts",
    "horizon, receipts: kept }",
    "horizon: 0, receipts: [] }",
  ),
  mutant(
    "a checkpoint claims one op less than it holds",
    "src/room/checkpoints.ts",
    "const about = { seq, at,",
    "const about = { seq: seq - 1, at,",
  ),
  mutant(
    "a wake skips the first op after the checkpoint",
    "src/room/stored.ts",
    "for (const row of log.after(seq)) {",
    "for (const row of log.after(seq + 1)) {",
  ),
  mutant(
    "a gap in a client's numbers is taken for applied",
    "src/room/receipts.ts",
    "receipt.gaps.push([receipt.last + 1, m - 1]);",
    "",
  ),
  mutant("a tail begins one op late", BROADCAST, "this.#tail(lag.after))", "this.#tail(lag.after + 1))"),
  mutant(
    "a live connection misses runs",
    BROADCAST,
    "if (text !== undefined) this.#deliver(connection, text, run.last);",
    "if (text !== undefined && run.last % 7 !== 0) this.#deliver(connection, text, run.last);",
  ),
  mutant(
    "a filter is not applied to live runs",
    BROADCAST,
    "const text = filter === undefined ? run.text :",
    "const text = filter !== null ? run.text :",
  ),
  mutant(
    "a filter is not applied to a tail",
    BROADCAST,
    'if (filter === undefined) return this.#deliver(connection, bodies.join("\\n"), last);',
    'if (filter !== null) return this.#deliver(connection, bodies.join("\\n"), last);',
  ),
  mutant("nobody is told that the history was replaced", "src/room/engine.ts", "this.#broadcast.reset(reason);", ""),
  mutant(
    "a position of another history is resumed",
    "src/room/resume.ts",
    'if (since.epoch !== epoch) return { resume: "reset", reason: "epoch" };',
    "",
  ),
  mutant(
    "ops that are gone are not missed",
    "src/room/resume.ts",
    'if (since.seq + 1 < room.oldest) return { resume: "reset", reason: "gone" };',
    "",
  ),
  mutant(
    "presence is lost in a sleep",
    "src/room/connection.ts",
    "...(this.presence === undefined ? {} : { presence: this.presence }),",
    "",
  ),
  mutant(
    "the presence of a hello is forgotten",
    "src/room/native.ts",
    "if (presence !== undefined && presence !== null) members.set(",
    "if (presence === null) members.set(",
  ),
  mutant(
    "a member that leaves stays on the roster",
    "src/room/members.ts",
    "  leave(connection: Connection): void {\n    this.#remove(connection);",
    "  leave(_connection: Connection): void {",
  ),
  mutant(
    "silent members are never swept",
    "src/room/members.ts",
    "- Math.max(pinged(connection.ws), connection.heard) > SILENCE",
    "- Math.max(pinged(connection.ws), connection.heard) > Infinity",
  ),
  mutant(
    "the alarm is not set again for the next task",
    "src/room/alarms.ts",
    "    if (next !== undefined) this.#set(next);\n    return due;",
    "    return due;",
  ),
  mutant(
    "a wake does not restore a lost alarm",
    "src/room/engine.ts",
    "if (this.store.born) this.#alarms.restore()",
    "if (this.store.born && false) this.#alarms.restore()",
  ),
  mutant(
    "permissions are not checked",
    "src/room/admit.ts",
    "if (!can.includes(needed)) return",
    "if (can.length === 0) return",
  ),
  mutant(
    "the log drops what is not archived",
    "src/room/archive/archive.ts",
    "return this.backlog > this.#parts.backlogBytes ? Infinity : this.last;",
    "return Infinity;",
  ),
  mutant(
    "reading needs no permission",
    "src/edge/serve.ts",
    "if (admission.can.includes(action.needs)) return",
    'if (action.needs === "read" || admission.can.includes(action.needs)) return',
  ),
  mutant(
    "raw events are not filtered",
    "src/dialects/raw-events/dialect.ts",
    'op.type === "event" && passes(op.event) ?',
    'op.type === "event" && (passes(op.event) || true) ?',
  ),
  mutant(
    "a page of events is not filtered",
    "src/room/stream/page.ts",
    'if (op.type !== "event" || !passes(op.event)) continue;',
    'if (op.type !== "event") continue;',
  ),
  mutant(
    "history shows ops of an older version as they are",
    "src/room/history.ts",
    "opsOf(migrateBody(kind, row.kindVersion, row.body))",
    "opsOf(migrateBody(kind, kind.version, row.body))",
  ),
  mutant(
    "a checkpoint of an older version is taken for one of today's",
    "src/room/stored.ts",
    "migrateState(kind, stored.kindVersion, JSON",
    "migrateState(kind, kind.version, JSON",
  ),
  mutant(
    "ops of an older version are folded as they are",
    "src/room/stored.ts",
    "migrateOp(kind, row.kindVersion, op)",
    "migrateOp(kind, kind.version, op)",
  ),
  mutant(
    "a saved state of an older version is read as it is",
    "src/room/versions.ts",
    "if (kindVersion === this.#kind.version) return",
    "if (kindVersion <= this.#kind.version) return",
  ),
  mutant(
    "what a connection owes is forgotten in a sleep",
    "src/room/connection.ts",
    "...(this.client === undefined ? {} : { flow: this.flow.store(), counted: this.counted }),",
    "",
  ),
  mutant(
    "a member that closes while the room sleeps stays for the others",
    "src/room/engine.ts",
    "      this.#members.restore(connection);\n    }\n    this.#connections.delete",
    "    }\n    this.#connections.delete",
  ),
  mutant(
    "a wake does not find who is connected",
    "src/room/engine.ts",
    "      this.#connections.set(connection.ws, connection);\n      this.simple.watch(connection);",
    "      this.simple.watch(connection);",
  ),
  mutant(
    "a filter is lost in a sleep",
    "src/room/connection.ts",
    "...(this.filter === undefined ? {} : { filter: this.filter }),",
    "",
  ),
  mutant(
    "a sleep forgets who watches the roster",
    "src/room/connection.ts",
    "...(this.watching ? { watching: true } : {}),",
    "",
  ),
  mutant(
    "a row that storage refuses leaves its mutations in the receipts",
    LEDGER,
    "    this.#receipts = receipts;\n    this.#kept.reset(start);",
    "    if (this.#seq === 0) this.#receipts = receipts;\n    this.#kept.reset(start);",
  ),
  mutant(
    "an older op than the oldest is taken for kept after a trim",
    "src/room/kept.ts",
    "return { oldest: oldest?.first ?? head.seq + 1,",
    "return { oldest: 1,",
  ),
  mutant(
    "the client takes gaps for applied",
    "src/client/replica.ts",
    "m > message.last || message.gaps.some(([from, to]) => m >= from && m <= to)",
    "m > message.last",
  ),
  mutant(
    "the client does not send again after a reconnect",
    "src/client/replica.ts",
    "if (pending === undefined || pending.applied) continue;",
    "if (pending === undefined || pending.applied || pending.again) continue;",
  ),
  mutant(
    "a trim drops what a wake needs",
    LEDGER,
    "this.#kept.trim(head, this.#checkpoints.mark.seq);\n  }\n\n  /**\n   * Whether",
    "this.#kept.trim(head, head.seq);\n  }\n\n  /**\n   * Whether",
  ),
  mutant(
    "a resumed connection does not get the roster",
    BROADCAST,
    "connection.lag === undefined && connection.watching)",
    "connection.lag === undefined && connection.watching && false)",
  ),
  mutant("a window never closes", "src/room/flow.ts", "return this.#sent - this.#acked < WINDOW;", "return true;"),
  mutant(
    "an answered mark does not resume",
    "src/room/native.ts",
    "if (isAnswer || connection.lag !== undefined) broadcast.goOn(connection);",
    "",
  ),
  mutant(
    "what a connection lacks is lost in a sleep",
    "src/room/connection.ts",
    "...(this.lag === undefined ? {} : { lag: this.lag }),",
    "",
  ),
  mutant(
    "an older connection of a client stays",
    "src/room/engine.ts",
    'this.#end(other, refuse("superseded", "This client has connected again."));',
    "",
  ),
  mutant(
    "a dialect's session is forgotten",
    BROADCAST,
    "        connection.session = step.session;\n        connection.save();",
    "        connection.session = step.session;",
  ),
  mutant(
    "a job that a crash cuts off, or that fails, is not tried again",
    "src/room/chores.ts",
    "this.#alarms.plan(task, now + (running ? FIRST_RETRY : LEASE));",
    "",
  ),
];
