import { own, isObject } from "../json/object.ts";
import { jsonFault } from "../json/check.ts";
import { formatPointer } from "../json/pointer.ts";
import type { Json, JsonObject } from "../../protocol/json.ts";
import { refuse, type Refusal } from "../../protocol/refusal.ts";
import { below, positionFault, wrapLongitude, type Fault } from "./geometry.ts";
import type { LngLat } from "./types.ts";

type Check = (value: Json) => Fault | undefined;

const CHECKS: Readonly<Record<string, Check>> = {
  name: (value) => text(value, 64),
  color: (value) =>
    typeof value === "string" && /^#[0-9a-f]{6}$/.test(value) ? undefined : fault("A color is #rrggbb"),
  location: (value) =>
    members(
      value,
      {
        lng: (lng) => number(lng, -180, 180),
        lat: (lat) => number(lat, -90, 90),
        accuracy: (metres) => number(metres, 0, 1e8),
        heading: (degrees) => number(degrees, 0, 360),
      },
      ["lng", "lat"],
    ),
  cursor: positionFault,
  viewport: (value) =>
    members(
      value,
      {
        center: positionFault,
        zoom: (zoom) => number(zoom, 0, 30),
        bearing: (degrees) => number(degrees, -360, 360),
        pitch: (degrees) => number(degrees, 0, 85),
      },
      ["center", "zoom"],
    ),
  following: (value) => text(value, 64),
};

/**
 * What a map connection may show of itself, see `MapPresence`. Positions are rounded to six decimals (a hand's
 * breadth) and accuracy and heading to whole numbers: they go to everybody several times a second.
 */
export function mapPresence(data: JsonObject): JsonObject | Refusal {
  const found = jsonFault(data) ?? members(data, CHECKS, ["name"]);
  if (found !== undefined) return refuse("bad_message", `${found.message}.`, { path: formatPointer(found.path) });
  const shaped: Record<string, Json> = {};
  const location = own(data, "location");
  const cursor = own(data, "cursor");
  const viewport = own(data, "viewport");
  if (isObject(location)) shaped["location"] = shapedLocation(location);
  if (cursor !== undefined) shaped["cursor"] = shapedPosition(cursor as LngLat);
  if (isObject(viewport)) shaped["viewport"] = shapedViewport(viewport);
  return { ...data, ...shaped };
}

/** The first fault of an object whose known members have their checks. Others are let through. */
function members(value: Json, checks: Readonly<Record<string, Check>>, needed: readonly string[]): Fault | undefined {
  if (!isObject(value)) return fault("Expected an object");
  for (const [key, check] of Object.entries(checks)) {
    const member = own(value, key);
    if (member === undefined) {
      if (needed.includes(key)) return below(key, fault("This is needed"));
      continue;
    }
    const found = below(key, check(member));
    if (found !== undefined) return found;
  }
  return undefined;
}

function text(value: Json, longest: number): Fault | undefined {
  if (typeof value === "string" && value.length >= 1 && value.length <= longest) return undefined;
  return fault(`Expected text of 1 to ${longest} characters`);
}

function number(value: Json, least: number, most: number): Fault | undefined {
  if (typeof value === "number" && value >= least && value <= most) return undefined;
  return fault(`Expected a number from ${least} to ${most}`);
}

function fault(message: string): Fault {
  return { path: [], message };
}

function shapedLocation(location: JsonObject): JsonObject {
  return rounded(location, { lng: 1e6, lat: 1e6, accuracy: 1, heading: 1 });
}

function shapedViewport(viewport: JsonObject): JsonObject {
  const center = shapedPosition(own(viewport, "center") as unknown as LngLat);
  return { ...rounded(viewport, { zoom: 100, bearing: 1, pitch: 1 }), center };
}

function shapedPosition([lng, lat]: LngLat): Json {
  return [wrapLongitude(Math.round(lng * 1e6) / 1e6), Math.round(lat * 1e6) / 1e6];
}

function rounded(object: JsonObject, scales: Readonly<Record<string, number>>): JsonObject {
  const after: Record<string, Json> = { ...object };
  for (const [key, scale] of Object.entries(scales)) {
    const value = own(object, key);
    if (typeof value === "number") after[key] = Math.round(value * scale) / scale;
  }
  return after;
}
