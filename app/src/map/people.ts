import type { Json } from "../lib/json.ts";
import { isArray, isObject, own } from "../lib/json.ts";
import { type Me, toPerson } from "../lib/people.ts";
import type { LngLat, MapLocation, MapPresence, Peer, Viewport } from "roomcast";

/** A position that is being dragged: a pin's, or the `index`th of a route or an area. */
export interface Drag {
  readonly id: string;
  readonly at: LngLat;
  readonly index: number;
  /** It is a new position that will get this index. */
  readonly adds?: boolean;
}

/** What this page shows of its person besides what every map's presence has. */
export interface Shown {
  readonly location?: MapLocation;
  readonly cursor?: LngLat;
  readonly viewport?: Viewport;
  readonly following?: string;
  readonly drag?: Drag;
  /** Points of what is being drawn and is not in the map yet. */
  readonly draft?: readonly LngLat[];
  /** This person asks the others to follow. */
  readonly leads?: boolean;
}

/** Somebody else on the map. */
export interface MapPerson extends Shown {
  readonly conn: string;
  readonly name: string;
  readonly hue: number;
}

/** The eight hues of `styles/tokens.css`, for clients that know no hues. */
const HUE_COLORS = ["#2f62ad", "#a8412f", "#217a3c", "#8646a8", "#8a5a13", "#0f7580", "#ad3c6b", "#5d6f16"];

export function presenceOf(me: Me, shown: Shown): MapPresence {
  const { drag, draft, ...rest } = shown;
  return {
    name: me.name,
    hue: me.hue,
    color: HUE_COLORS[me.hue] ?? "#2f62ad",
    ...rest,
    ...(drag === undefined ? {} : { drag: { ...drag } }),
    ...(draft === undefined ? {} : { draft }),
  };
}

/** Reads a peer's presence. The room has checked what it knows; the page's own fields are whatever a client sent. */
export function personOf(peer: Peer<MapPresence>): MapPerson {
  const { conn, data } = peer;
  const { name, hue } = toPerson(peer);
  const drag = toDrag(own(data, "drag"));
  const draft = toLine(own(data, "draft"));
  return {
    conn,
    name,
    hue,
    ...(data.location && { location: data.location }),
    ...(data.cursor && { cursor: data.cursor }),
    ...(data.viewport && { viewport: data.viewport }),
    ...(data.following !== undefined && { following: data.following }),
    ...(drag && { drag }),
    ...(draft && { draft }),
    ...(own(data, "leads") === true && { leads: true }),
  };
}

function toDrag(value: Json | undefined): Drag | undefined {
  if (!isObject(value)) return undefined;
  const [id, at, index] = [own(value, "id"), toLngLat(own(value, "at")), own(value, "index")];
  if (typeof id !== "string" || at === undefined || typeof index !== "number") return undefined;
  return { id, at, index, ...(own(value, "adds") === true && { adds: true }) };
}

function toLine(value: Json | undefined): readonly LngLat[] | undefined {
  if (value === undefined || !isArray(value)) return undefined;
  const line = value.slice(0, 500).flatMap((item) => {
    const place = toLngLat(item);
    return place === undefined ? [] : [place];
  });
  return line.length === 0 ? undefined : line;
}

function toLngLat(value: Json | undefined): LngLat | undefined {
  if (value === undefined || !isArray(value)) return undefined;
  const [lng, lat] = value as Json[];
  const good = typeof lng === "number" && typeof lat === "number" && Math.abs(lng) <= 180 && Math.abs(lat) <= 90;
  return good ? [lng, lat] : undefined;
}
