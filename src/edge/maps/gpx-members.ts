import type { Feature, LngLat } from "../../kinds/map/types.ts";
import type { Json, JsonObject } from "../../protocol/json.ts";
import { iconOf, linksOf, pointsOf, type GpxLink, type NamedPoint } from "./gpx-fields.ts";
import { isPlainText } from "./xml.ts";

/** Members of a feature's metadata that GPX has elements for. */
export interface GpxMembers {
  readonly time?: string;
  readonly cmt?: string;
  readonly src?: string;
  readonly links: readonly GpxLink[];
  readonly number?: string;
  readonly sym?: string;
  readonly type?: string;
  /** Names of a route's points, by index. */
  readonly points: ReadonlyMap<number, string>;
  /** The metadata that no element carries; it is exported as JSON. */
  readonly rest: JsonObject | undefined;
}

/** Divides metadata into GPX's elements and the rest, so that an import puts the same together again. */
export function gpxMembers({ geometry, note, icon, metadata: given }: Feature): GpxMembers {
  const metadata = given ?? {};
  const isPin = geometry.type === "Point";
  const taken = new Set<string>();
  const text = (key: string, fits: (value: string) => boolean = () => true): string | undefined => {
    const value = member(metadata, key);
    if (typeof value !== "string" || !isPlainText(value) || !fits(value)) return undefined;
    taken.add(key);
    return value;
  };
  const cmt = text("cmt", (value) => note !== undefined && note.trim() !== "" && value !== note);
  const src = text("src");
  const type = text("type");
  const sym = isPin ? text("sym", (value) => value !== icon && iconOf(value) === icon) : undefined;
  const number = isPin ? undefined : numberOf(metadata);
  if (number !== undefined) taken.add("number");
  const links = linksOf(member(metadata, "link") ?? []) ?? [];
  const plain = links.every((link) =>
    Object.entries(link).every(([key, value]) => LINK.has(key) && isPlainText(value)),
  );
  if (plain && links.length > 0) taken.add("link");
  const named = (isPin ? undefined : pointsOf(member(metadata, "points") ?? [])) ?? [];
  const points = geometry.type === "LineString" ? indexed(named, geometry.coordinates) : new Map<number, string>();
  // Names of points that were moved since stay in the metadata, with all others.
  if (points.size > 0 && points.size === named.length) taken.add("points");
  const time = member(metadata, "time");
  const rest = Object.fromEntries(Object.entries(metadata).filter(([key]) => !taken.has(key)));
  return {
    // Stays in the metadata too: without it, `time` says when the pin was made.
    ...(typeof time === "string" && TIME.test(time) ? { time } : {}),
    ...(cmt === undefined ? {} : { cmt }),
    ...(src === undefined ? {} : { src }),
    links: plain ? links : [],
    ...(number === undefined ? {} : { number }),
    ...((sym ?? icon) === undefined ? {} : { sym: sym ?? icon ?? "" }),
    ...(type === undefined ? {} : { type }),
    points,
    rest: given === undefined || (taken.size > 0 && Object.keys(rest).length === 0) ? undefined : rest,
  };
}

const LINK = new Set(["href", "text", "type"]);
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$/;

function member(metadata: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(metadata, key) ? metadata[key] : undefined;
}

function numberOf(metadata: JsonObject): string | undefined {
  const value = member(metadata, "number");
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value < 1e15 && !Object.is(value, -0)
    ? String(value)
    : undefined;
}

/** The names by index of the line's positions, as far as these are still where the names were given, in their order. */
function indexed(points: readonly NamedPoint[], line: readonly LngLat[]): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  let from = 0;
  for (const { name, at } of points) {
    if (!isPlainText(name)) continue;
    const index = line.findIndex(([lng, lat], place) => place >= from && lng === at[0] && lat === at[1]);
    if (index === -1) continue;
    names.set(index, name);
    from = index + 1;
  }
  return names;
}
