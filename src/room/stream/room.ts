import { rawEvents } from "../../dialects/raw-events/index.ts";
import type { AnyDialect } from "../broadcast.ts";
import { readEvents, type ReadEvent } from "../../kinds/stream/events.ts";
import { compileFilter } from "../../kinds/stream/filter.ts";
import { streamIntents } from "../../kinds/stream/intents.ts";
import { decideStream, publishIntent, streamKind } from "../../kinds/stream/kind.ts";
import type { StreamIntent, StreamOp, StreamState } from "../../kinds/stream/types.ts";
import type { Kind } from "../../kinds/kind.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { Refusal, refuse } from "../../protocol/refusal.ts";
import type { Admission, Failed } from "../api.ts";
import type { Chore } from "../chores.ts";
import { toFailed } from "../commits.ts";
import { DurableRoom } from "../durable/room.ts";
import { randomId } from "../ids.ts";
import type { Author } from "../mutation.ts";
import { keyName, producerName } from "../receipts.ts";
import type { Duplicate, Published, PublishOptions, StreamApi, StreamPageRequest } from "./api.ts";
import { readStreamPage } from "./page.ts";
import { Visitors } from "./visitors.ts";

const kind: Kind<StreamState, StreamIntent, StreamOp> = {
  ...streamKind,
  intents: streamIntents,
  filter: (text) => {
    const passes = compileFilter(text);
    if (passes instanceof Refusal) return passes;
    // What is no event has nothing that a filter could look at.
    return (op) => op.type === "event" && passes(op.event);
  },
};

const FORGET = "forget-visitors";

/**
 * A stream of events, as a Durable Object. The Worker's own code publishes by RPC, with full rights:
 *
 * ```ts
 * await env.STREAMS.getByName("shop").publish('{"type":"order","total":12}', OPEN);
 * ```
 */
export class StreamRoom<Env = unknown> extends DurableRoom<Env> implements StreamApi {
  override readonly kind: typeof kind = {
    ...kind,
    decide: (state, intent, { now }) =>
      decideStream(state, intent, (value) => this.#nameVisitor(value, undefined, now)),
  };
  override readonly dialects: readonly AnyDialect<StreamState, StreamOp>[] = [rawEvents];
  /** Forgets what visitors' names were made with when its day is over. To be among the room's chores. */
  protected readonly forgetting: Readonly<Record<string, Chore>> = {
    [FORGET]: async (now) => {
      const again = this.#visitors.forget(now);
      if (again !== undefined) this.engine.chores.plan(FORGET, again);
    },
  };
  protected override readonly chores: Readonly<Record<string, Chore>> = { ...this.lapse, ...this.forgetting };
  #known: Visitors | undefined;

  get #visitors(): Visitors {
    this.#known ??= new Visitors(this.engine.store);
    return this.#known;
  }

  protected override plan(): void {
    super.plan();
    // Here, since the salt of today's names is stored with the first publish that is accepted.
    const until = this.#known?.until;
    if (until !== undefined) this.engine.chores.plan(FORGET, until);
  }

  async publish(lines: string, admission: Admission, options: PublishOptions = {}): Promise<Published | Failed> {
    if (!admission.can.includes("write")) {
      return toFailed(refuse("forbidden", 'This needs the permission "write".'));
    }
    const reserved = this.reserveTokens(admission);
    if (reserved !== undefined) await reserved;
    const events = readEvents(lines);
    if (events instanceof Refusal) return toFailed(events);
    if (events.length === 0) return toFailed(refuse("bad_message", "There is no event to publish."));
    const { producer, idempotencyKey } = options;
    if (producer !== undefined && !(Number.isSafeInteger(producer.seq) && producer.seq >= 1)) {
      return toFailed(refuse("bad_request", "A producer counts its batches from 1."));
    }
    if (producer !== undefined && idempotencyKey !== undefined) {
      return toFailed(refuse("bad_request", "A batch is a producer's, or has a key of its own, not both."));
    }
    return this.storing(() => {
      const now = this.engine.ledger.now();
      const visitors = events.map(({ value }) => this.#nameVisitor(value, options.visitor, now));
      return this.#publish(events, visitors, admission, options);
    });
  }

  async page(asked: StreamPageRequest): Promise<{ readonly text: string } | Failed> {
    const { ledger, store, commits } = this.engine;
    commits.settle();
    const page = await readStreamPage({ kind, ledger, log: store.log, past: this.past }, asked);
    return page instanceof Refusal ? toFailed(page) : { text: page };
  }

  /** In one turn: what is known of ids and numbers here is still so when the batch is staged. */
  #publish(
    events: readonly ReadEvent[],
    visitors: readonly (string | undefined)[],
    admission: Admission,
    options: PublishOptions,
  ): Promise<Published | Failed> {
    const { commits, ledger } = this.engine;
    const duplicates: Duplicate[] = [];
    const mine = new Map<string, number>();
    const next = ledger.position.seq + ledger.staged + 1;
    let count = 0;
    for (const [index, { event }] of events.entries()) {
      const known = event.id === undefined ? undefined : (mine.get(event.id) ?? ledger.seqOf(event.id));
      if (known !== undefined) {
        duplicates.push({ event: index, seq: known });
        continue;
      }
      if (event.id !== undefined) mine.set(event.id, next + count);
      count += 1;
    }

    const { promise, resolve } = Promise.withResolvers<Published | Failed>();
    const m = options.idempotencyKey === undefined ? options.producer?.seq : 1;
    const mutation = {
      intents: [publishIntent(events, visitors)],
      ...(m === undefined ? {} : { m }),
      admitted: true,
    } as const;
    let taken = true;
    const answer = (failed: Refusal | undefined): void => {
      if (failed !== undefined) return resolve(toFailed(failed));
      const { epoch } = ledger.position;
      if (!taken && count > 0) return resolve({ ok: true, epoch, count: 0, repeated: true });
      resolve({
        ok: true,
        epoch,
        count,
        ...(count === 0 ? {} : { first: next, last: next + count - 1 }),
        ...(duplicates.length === 0 ? {} : { duplicates }),
      });
    };
    const staged = commits.stage(this.#author(admission, options), mutation, answer);
    if (staged instanceof Refusal) answer(staged);
    else if (!staged) {
      taken = false;
      commits.afterCommit(answer);
    }
    commits.turn();
    return promise;
  }

  #author(admission: Admission, options: PublishOptions): Author {
    const { user, can } = admission;
    const network = this.engine.networkOf(admission);
    return {
      can,
      ...(network === undefined ? {} : { network }),
      ...(user === undefined ? {} : { user }),
      ...this.#namesOf(user?.id, options),
    };
  }

  /** A secret name, and the public one that its receipts have, or a new one. */
  #namesOf(
    user: string | undefined,
    { producer, idempotencyKey }: PublishOptions,
  ): { readonly client?: string; readonly by?: string } {
    if (idempotencyKey !== undefined) return { client: keyName(user, idempotencyKey), by: randomId(11) };
    if (producer === undefined) return {};
    const client = producerName(user, producer.id);
    return { client, by: this.engine.ledger.receipts.nameOf(client) ?? randomId(11) };
  }

  /** What stands for an event's visitor: for whom the event names itself, or else for whoever sent it. */
  #nameVisitor(value: JsonObject, sender: string | undefined, now: number): string | undefined {
    const own = Object.hasOwn(value, "visitor") ? value["visitor"] : undefined;
    const visitor = typeof own === "string" && own !== "" ? `own ${own}` : sender;
    return visitor === undefined ? undefined : this.#visitors.of(visitor, now);
  }
}
