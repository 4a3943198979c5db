import type { Command } from "../dialects/dialect.ts";
import { doneMessage, readFrame, refusedMessage } from "../dialects/native/codec.ts";
import type { Hello } from "../protocol/client/hello.ts";
import type { JsonObject } from "../protocol/json.ts";
import type { Limits } from "../protocol/limits.ts";
import { Refusal, refuse } from "../protocol/refusal.ts";
import type { Welcome } from "../protocol/room/welcome.ts";
import { OLDER_PING, OLDER_PONG, PROTOCOL_VERSION } from "../protocol/version.ts";
import { overIntents } from "./admit.ts";
import type { Broadcast } from "./broadcast.ts";
import { unitsOf } from "./budget.ts";
import type { Commits, Waiter } from "./commits.ts";
import { authorOf, type Connection } from "./connection.ts";
import type { Filters } from "./filters.ts";
import type { Ledger } from "./ledger.ts";
import type { Members } from "./members.ts";
import type { Roster } from "./presence.ts";
import { hashGuestSecret } from "./rates/subject.ts";

interface Parts<State, Intent, Op> {
  readonly kind: string;
  readonly limits: Limits;
  readonly ledger: Ledger<State, Intent, Op>;
  readonly commits: Commits<State, Intent, Op>;
  readonly members: Members;
  readonly broadcast: Broadcast<State, Intent, Op>;
  readonly filters: Filters<State, Intent, Op>;
  readonly isOpen: (connection: Connection) => boolean;
  /** The public name of a client; ends its older connections. */
  readonly nameFor: (client: string) => string;
  /** The public name of a guest, by the secret. */
  readonly guestFor: (secret: string) => string;
  /** Why somebody may not be here, if so: now that the name is known. */
  readonly admits: (connection: Connection) => Refusal | undefined;
  /** Told how each mutation fared; ends who only floods. */
  readonly paced: (connection: Connection, staged: boolean | Refusal) => void;
  /** Draws on its budget; false when that ended it. */
  readonly spend: (connection: Connection, units: number) => boolean;
  readonly answer: (connection: Connection, text: string) => void;
  readonly end: (connection: Connection, refusal: Refusal) => void;
}

/** What native connections say, carried out. */
export class Native<State, Intent, Op> {
  readonly #parts: Parts<State, Intent, Op>;

  constructor(parts: Parts<State, Intent, Op>) {
    this.#parts = parts;
  }

  receive(connection: Connection, frame: string): void {
    const { limits, isOpen, spend, answer, end } = this.#parts;
    if (frame === OLDER_PING) {
      if (spend(connection, unitsOf(frame.length, false))) connection.send(OLDER_PONG);
      return;
    }
    for (const line of readFrame(frame)) {
      if (!isOpen(connection)) return;
      let useful = false;
      const greeted = connection.client !== undefined;
      if ("refusal" in line) {
        if (line.m === undefined || !greeted) end(connection, line.refusal);
        else answer(connection, refusedMessage(line.refusal, line.m));
      } else {
        const { command } = line;
        const tooLarge = greeted && command.do === "mutate" ? overIntents(line.text, limits) : undefined;
        if (tooLarge !== undefined && command.do === "mutate") answer(connection, refusedMessage(tooLarge, command.m));
        else useful = this.#carryOut(connection, command);
      }
      if (isOpen(connection)) spend(connection, unitsOf(line.length, useful));
    }
  }

  /** Whether it had an effect on more than the connection's own standing. */
  #carryOut(connection: Connection, command: Command): boolean {
    const { members, end } = this.#parts;
    if (connection.client === undefined && command.do !== "hello") {
      end(connection, refuse("bad_message", "The first message is hello."));
      return false;
    }
    switch (command.do) {
      case "hello":
        this.#hello(connection, command.hello);
        break;
      case "mutate":
        return this.#mutate(connection, command);
      case "presence":
        members.set(connection, command.data);
        break;
      case "ack":
        return this.#ack(connection, command.n);
      case "close":
        end(connection, command.refusal);
        break;
    }
    return false;
  }

  /** Whether it answers a mark. */
  #ack(connection: Connection, n: number): boolean {
    const { commits, broadcast } = this.#parts;
    const isAnswer = connection.flow.acked(n);
    if (connection.lag !== undefined) commits.settle();
    if (isAnswer || connection.lag !== undefined) broadcast.goOn(connection);
    return isAnswer;
  }

  #hello(connection: Connection, hello: Hello): void {
    const { kind, ledger, commits, members, broadcast, filters, nameFor, guestFor, admits, answer, end } = this.#parts;
    if (hello.v !== PROTOCOL_VERSION) {
      end(connection, refuse("unsupported_version", `This room speaks version ${PROTOCOL_VERSION}.`));
      return;
    }
    if (connection.client !== undefined) {
      end(connection, refuse("bad_message", "A connection says hello once."));
      return;
    }
    // The welcome speaks of what is committed; everything staged must be part of that.
    commits.settle();
    connection.by = nameFor(hello.client);
    connection.client = hello.client;
    if (hello.guest !== undefined && connection.user === undefined) {
      connection.guest = guestFor(hello.guest);
      connection.guestHash = hashGuestSecret(hello.guest);
    }
    const unwelcome = admits(connection);
    if (unwelcome !== undefined) {
      end(connection, unwelcome);
      return;
    }
    const { from, filter } = hello;
    const unfit = filter === undefined ? undefined : filters.check(filter);
    if (unfit !== undefined) {
      end(connection, unfit);
      return;
    }
    connection.filter = filter;
    connection.wantsOps = from !== undefined;
    if (!connection.fits()) {
      end(connection, refuse("too_large", "This filter is larger than what the room can keep of a connection."));
      return;
    }
    // Before it watches: the welcome is the first that it hears, and holds the roster as the sweep leaves it.
    if (hello.presence !== undefined) members.sweep();
    connection.watching = hello.presence !== undefined;

    const plan = broadcast.plan(hello.since, from !== undefined);
    // Before its own arrival is told, which may end another: as long as it lags it hears nothing of that.
    if (plan.resume === "tail") connection.lag = { needs: "tail", after: plan.seq };
    else connection.lag = from === undefined ? { needs: "snapshot" } : { needs: "start", at: broadcast.startOf(from) };
    const { epoch, seq } = ledger.position;
    const welcome: Welcome = {
      t: "welcome",
      v: PROTOCOL_VERSION,
      kind,
      conn: connection.id,
      you: connection.by,
      ...(connection.guest === undefined ? {} : { guest: connection.guest }),
      ...(connection.user === undefined ? {} : { user: connection.user }),
      can: [...connection.can],
      ...ledger.receipts.summary(hello.client),
      epoch,
      head: seq,
      resume: plan.resume,
      ...(plan.resume === "reset" ? { reason: plan.reason } : {}),
      ...(connection.watching ? { presence: this.#rosterAfter(connection, hello.presence) } : {}),
      now: ledger.now(),
    };
    answer(connection, JSON.stringify(welcome));
    broadcast.catchUp(connection);
  }

  /** The roster as a newcomer finds it, with the newcomer on it. */
  #rosterAfter(connection: Connection, presence: Hello["presence"]): ReturnType<Roster["all"]> {
    const { members } = this.#parts;
    if (presence !== undefined && presence !== null) members.set(connection, presence as JsonObject);
    return members.roster.all();
  }

  /** Whether it is staged. */
  #mutate(connection: Connection, command: Command & { readonly do: "mutate" }): boolean {
    const { m } = command;
    if (m === undefined) return false;
    const { commits, paced, answer } = this.#parts;
    // Success needs no answer of its own: the entry in the run is it.
    const waiter: Waiter = (failed) => {
      if (failed !== undefined) answer(connection, refusedMessage(failed, m));
    };
    const staged = commits.stage(authorOf(connection), command, waiter);
    if (staged instanceof Refusal) waiter(staged);
    else if (!staged) {
      commits.afterCommit((failed) =>
        answer(connection, failed === undefined ? doneMessage(m) : refusedMessage(failed, m)),
      );
    }
    paced(connection, staged);
    return staged === true;
  }
}
