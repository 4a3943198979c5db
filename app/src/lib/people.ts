import type { Peer } from "roomcast";
import type { Json, JsonObject } from "./json.ts";
import { isObject, own } from "./json.ts";
import type { Spot } from "./json-text.ts";
import { personName } from "./names.ts";
import type { Pointer } from "./pointer.ts";
import { load, save } from "./storage.ts";

/** How many colours people can have; `styles/tokens.css` has them. */
export const HUES = 8;

/** Somebody with the document open, as the page shows them. */
export interface Person {
  /** The connection: one person with two windows is here twice. */
  readonly conn: string;
  readonly by: string;
  /** Stands for the person: the same in all of their windows, where `by` may differ. */
  readonly person: string;
  readonly name: string;
  readonly hue: number;
  /** The field that they are at. */
  readonly path?: Pointer;
  /** Where they are in the JSON view's text. */
  readonly cursor?: { readonly anchor: Spot; readonly head: Spot };
}

export interface Me {
  readonly name: string;
  readonly hue: number;
}

const LONGEST_NAME = 40;

/** What is known of this browser's person; a friendly name is made up for one who is new. */
export function loadMe(): Me {
  const stored = load("me") as Json;
  const name = isObject(stored) ? text(own(stored, "name")) : undefined;
  const hue = isObject(stored) ? own(stored, "hue") : undefined;
  const me = { name: name ?? personName(), hue: toHue(hue, Math.floor(Math.random() * HUES)) };
  save("me", me);
  return me;
}

/** Reads a peer's presence. It is whatever that peer's client sent, so nothing in it is taken as it comes. */
export function toPerson(peer: Peer): Person {
  const { data } = peer;
  const path = own(data, "path");
  const cursor = own(data, "cursor");
  const anchor = isObject(cursor) ? toSpot(own(cursor, "anchor")) : undefined;
  const head = isObject(cursor) ? toSpot(own(cursor, "head")) : undefined;
  return {
    conn: peer.conn,
    by: peer.by,
    person: peer.user?.id ?? peer.guest ?? peer.by,
    name: peer.user?.name ?? text(own(data, "name")) ?? "Somebody",
    hue: toHue(own(data, "hue"), peer.conn.length),
    ...(typeof path === "string" ? { path } : {}),
    ...(anchor !== undefined && head !== undefined ? { cursor: { anchor, head } } : {}),
  };
}

/** What this client shows of itself; small enough for any room's limit whatever the paths. */
export function toPresence(me: Me, path: Pointer | undefined, cursor: Person["cursor"]): JsonObject {
  const here: JsonObject = { name: me.name, hue: me.hue, ...(path === undefined || path.length > 600 ? {} : { path }) };
  if (cursor === undefined || cursor.anchor.path.length + cursor.head.path.length > 600) return here;
  return { ...here, cursor: { anchor: { ...cursor.anchor }, head: { ...cursor.head } } };
}

function text(value: Json | undefined): string | undefined {
  const trimmed = typeof value === "string" ? value.trim().slice(0, LONGEST_NAME) : "";
  return trimmed === "" ? undefined : trimmed;
}

function toHue(value: Json | undefined, otherwise: number): number {
  const number = typeof value === "number" && Number.isInteger(value) ? value : otherwise;
  return ((number % HUES) + HUES) % HUES;
}

function toSpot(value: Json | undefined): Spot | undefined {
  if (!isObject(value)) return undefined;
  const path = own(value, "path");
  const offset = own(value, "offset");
  return typeof path === "string" && typeof offset === "number" ? { path, offset } : undefined;
}
