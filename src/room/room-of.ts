import type { Kind } from "../kinds/kind.ts";
import { Room } from "./room.ts";

/** A room whose kind is settled. */
class RoomOfKind<State, Intent, Op, Env> extends Room<State, Intent, Op, Env> {
  override readonly kind: Kind<State, Intent, Op>;

  constructor(kind: Kind<State, Intent, Op>, ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.kind = kind;
  }
}

/** A Durable Object class whose rooms are of one kind. */
export type RoomClass<State, Intent, Op> = new <Env = unknown>(
  ctx: DurableObjectState,
  env: Env,
) => RoomOfKind<State, Intent, Op, Env>;

/**
 * The room class of a kind, to be exported from the Worker under a name of its own:
 *
 * ```ts
 * export class Counters extends roomOf(counter) {}
 * ```
 */
export function roomOf<State, Intent, Op>(kind: Kind<State, Intent, Op>): RoomClass<State, Intent, Op> {
  return class<Env> extends RoomOfKind<State, Intent, Op, Env> {
    constructor(ctx: DurableObjectState, env: Env) {
      super(kind, ctx, env);
    }
  };
}
