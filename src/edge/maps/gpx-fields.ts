import { isObject, own } from "../../kinds/json/object.ts";
import { readIcon } from "../../kinds/map/properties.ts";
import type { FeatureFields, LngLat } from "../../kinds/map/types.ts";
import type { Json, JsonObject } from "../../protocol/json.ts";

/** A `link` of GPX. */
export interface GpxLink {
  readonly href: string;
  text?: string;
  type?: string;
}

/** A point of a route that has a name. */
export interface NamedPoint {
  readonly name: string;
  readonly at: LngLat;
}

/** What a way point, a route or a track says of itself. Members of metadata have the names of their elements. */
export interface GpxFields {
  name?: string;
  desc?: string;
  cmt?: string;
  sym?: string;
  type?: string;
  src?: string;
  number?: string;
  time?: string;
  readonly links: GpxLink[];
  readonly points: NamedPoint[];
  /** From our own extensions. */
  id?: string;
  color?: string;
  icon?: string;
  metadata?: JsonObject;
}

/** The icon of a symbol; most symbols of other programs have none. */
export function iconOf(symbol: string): string | undefined {
  return readIcon(symbol.trim().toLowerCase());
}

/** A feature's fields. What has no field of its own becomes metadata, that of our own extensions first. */
export function featureFields(gpx: GpxFields): FeatureFields {
  const note = gpx.desc ?? gpx.cmt;
  const icon = gpx.icon ?? (gpx.sym === undefined ? undefined : iconOf(gpx.sym));
  const found: Record<string, Json | undefined> = {
    time: gpx.id === undefined ? gpx.time : undefined,
    cmt: gpx.cmt === note ? undefined : gpx.cmt,
    src: gpx.src,
    link: linkValue(gpx.links),
    number: numberValue(gpx.number),
    sym: gpx.sym === icon ? undefined : gpx.sym,
    type: gpx.type,
    points: gpx.points.length === 0 ? undefined : (gpx.points as unknown as Json),
  };
  const metadata: Record<string, Json> = {};
  for (const [key, value] of Object.entries(found)) if (value !== undefined) metadata[key] = value;
  const kept = gpx.metadata !== undefined || Object.keys(metadata).length > 0;
  return {
    ...(gpx.name === undefined ? {} : { title: gpx.name }),
    ...(note === undefined ? {} : { note }),
    ...(gpx.color === undefined ? {} : { color: gpx.color }),
    ...(icon === undefined ? {} : { icon }),
    ...(kept ? { metadata: { ...metadata, ...gpx.metadata } } : {}),
  };
}

/** Links as metadata has them: an address, an object where the file says more, a list of several. */
export function linkValue(links: readonly GpxLink[]): Json | undefined {
  const values = links.map((link): Json => (Object.keys(link).length === 1 ? link.href : { ...link }));
  return values.length > 1 ? values : values[0];
}

/** The links that metadata has, undefined where they are not as `linkValue` makes them. */
export function linksOf(value: Json): readonly GpxLink[] | undefined {
  const values: readonly Json[] = Array.isArray(value) ? (value as readonly Json[]) : [value];
  const links: GpxLink[] = [];
  for (const each of values) {
    if (typeof each === "string") links.push({ href: each });
    else if (isObject(each) && Object.values(each).every((member) => typeof member === "string")) {
      links.push(each as unknown as GpxLink);
    } else return undefined;
  }
  return JSON.stringify(linkValue(links)) === JSON.stringify(value) ? links : undefined;
}

/** The named points that metadata has, undefined where it has something else. */
export function pointsOf(value: Json): readonly NamedPoint[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const points: NamedPoint[] = [];
  for (const each of value as readonly Json[]) {
    if (!isObject(each)) return undefined;
    const [name, at] = [own(each, "name"), own(each, "at")];
    if (typeof name !== "string" || !Array.isArray(at) || at.length !== 2 || Object.keys(each).length !== 2) {
      return undefined;
    }
    points.push({ name, at: at as unknown as LngLat });
  }
  return points;
}

function numberValue(text: string | undefined): Json | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : text;
}
