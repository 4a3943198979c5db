import { useState } from "react";
import type { JsonObject } from "../lib/json.ts";
import { renames } from "../lib/merge.ts";

export interface Member {
  /** Stays with the field when it is renamed: so does the focus, and what somebody is just typing there. */
  readonly id: number;
  readonly key: string;
}

interface Order {
  readonly value: JsonObject;
  readonly members: readonly Member[];
  /** Where fields that went were: the key before each, undefined for the first. */
  readonly gone: ReadonlyMap<string, string | undefined>;
  readonly next: number;
}

/**
 * The fields of a group in the order in which they are shown. JSON has no way to rename a key or to bring one back in
 * its place, so documents move such a field to the end of its group; for those who look on, it stays where it is.
 */
export function useMemberOrder(value: JsonObject): readonly Member[] {
  const [order, setOrder] = useState<Order>(() => startOrder(value));
  if (order.value === value) return order.members;
  const moved = moveMembers(order, value);
  setOrder(moved);
  return moved.members;
}

export function startOrder(value: JsonObject): Order {
  const members = Object.keys(value).map((key, id) => ({ id, key }));
  return { value, members, gone: new Map(), next: members.length };
}

export function moveMembers(order: Order, value: JsonObject): Order {
  const renamed = renames(order.value, value);
  const gone = new Map(order.gone);
  const members: Member[] = [];
  order.members.forEach(({ id, key }, place) => {
    const now = Object.hasOwn(value, key) ? key : renamed.get(key);
    if (now === undefined) gone.set(key, order.members[place - 1]?.key);
    else members.push({ id, key: now });
  });
  let { next } = order;
  const shown = new Set(members.map(({ key }) => key));
  for (const key of Object.keys(value)) {
    if (shown.has(key)) continue;
    members.splice(placeOf(members, gone, key), 0, { id: next, key });
    gone.delete(key);
    next += 1;
  }
  return { value, members, gone, next };
}

/** After the field that it followed when it went, or the nearest before that one that is still there. */
function placeOf(members: readonly Member[], gone: ReadonlyMap<string, string | undefined>, key: string): number {
  if (!gone.has(key)) return members.length;
  const passed = new Set([key]);
  for (let before = gone.get(key); ; before = gone.get(before)) {
    if (before === undefined || passed.has(before)) return 0;
    const place = members.findIndex((member) => member.key === before);
    if (place !== -1) return place + 1;
    passed.add(before);
  }
}
