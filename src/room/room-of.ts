import type { Kind } from "../kinds/kind.ts";
import { Room } from "./room.ts";

/** A Durable Object class whose rooms are of one kind. */
export type RoomClass<State, Intent, Op> = new <Env = unknown>(
  ctx: DurableObjectState,
  env: Env,
) => Room<State, Intent, Op, Env>;

/**
 * The room class of a kind, to be exported from the Worker under a name of its own:
 *
 * ```ts
 * export class Counters extends roomOf(counter) {}
 * ```
 */
export function roomOf<State, Intent, Op>(kind: Kind<State, Intent, Op>): RoomClass<State, Intent, Op> {
  return class<Env> extends Room<State, Intent, Op, Env> {
    override readonly kind = kind;
  };
}
