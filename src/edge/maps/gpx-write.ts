import { sortedFeatures } from "../../kinds/map/geojson.ts";
import type { Feature, LngLat, MapState } from "../../kinds/map/types.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { GpxLink } from "./gpx-fields.ts";
import { gpxMembers } from "./gpx-members.ts";
import { escapeAttribute, escapeXml } from "./xml.ts";

/** What GPX has no element for stands under this name, so that an import gives the same features again. */
export const NAMESPACE = "urn:roomcast:map:1";

/** The map as GPX 1.1: pins as way points, routes as routes. GPX knows no areas; they are left out. */
export function toGpx(state: Pick<MapState, "features">): string {
  const features = sortedFeatures(state);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<gpx version="1.1" creator="Roomcast" xmlns="http://www.topografix.com/GPX/1/1" xmlns:rc="${NAMESPACE}">`,
    ...features.flatMap(([id, feature]) => wayPoint(id, feature)),
    ...features.flatMap(([id, feature]) => route(id, feature)),
    "</gpx>",
    "",
  ].join("\n");
}

function wayPoint(id: string, feature: Feature): readonly string[] {
  const { geometry, title, note, made } = feature;
  if (geometry.type !== "Point") return [];
  const { time, cmt, src, links, sym, type, rest } = gpxMembers(feature);
  return [
    `  <wpt ${place(geometry.coordinates)}>`,
    `    ${element("time", time ?? new Date(made.at).toISOString())}`,
    ...texts({ name: title, cmt, desc: note, src }),
    ...links.flatMap(link),
    ...texts({ sym, type }),
    ...extensions(id, feature, rest),
    "  </wpt>",
  ];
}

function route(id: string, feature: Feature): readonly string[] {
  const { geometry, title, note } = feature;
  if (geometry.type !== "LineString") return [];
  const { cmt, src, links, number, type, points, rest } = gpxMembers(feature);
  return [
    "  <rte>",
    ...texts({ name: title, cmt, desc: note, src }),
    ...links.flatMap(link),
    ...texts({ number, type }),
    ...extensions(id, feature, rest),
    ...geometry.coordinates.map((position, index) => {
      const name = points.get(index);
      const start = `    <rtept ${place(position)}`;
      return name === undefined ? `${start}/>` : `${start}>${element("name", name)}</rtept>`;
    }),
    "  </rte>",
  ];
}

function link({ href, text, type }: GpxLink): readonly string[] {
  const start = `    <link href="${escapeAttribute(href)}"`;
  if (text === undefined && type === undefined) return [`${start}/>`];
  return [`${start}>`, ...texts({ text, type }).map((line) => `  ${line}`), "    </link>"];
}

function extensions(
  id: string,
  { color, icon, geometry }: Feature,
  metadata: JsonObject | undefined,
): readonly string[] {
  const inner = texts({
    "rc:id": id,
    "rc:color": color,
    "rc:icon": geometry.type === "Point" ? undefined : icon,
    "rc:metadata": metadata === undefined ? undefined : JSON.stringify(metadata),
  });
  return ["    <extensions>", ...inner.map((line) => `  ${line}`), "    </extensions>"];
}

function texts(values: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [`    ${element(name, value)}`],
  );
}

function place([lng, lat]: LngLat): string {
  return `lat="${decimal(lat)}" lon="${decimal(lng)}"`;
}

/** GPX has decimals only, and numbers near 0 have an exponent as text. */
function decimal(degrees: number): string {
  const text = String(degrees);
  return text.includes("e") ? degrees.toFixed(20).replace(/\.?0+$/, "") : text;
}

function element(name: string, text: string): string {
  return `<${name}>${escapeXml(text)}</${name}>`;
}
