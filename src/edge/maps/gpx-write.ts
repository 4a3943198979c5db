import { sortedFeatures } from "../../kinds/map/geojson.ts";
import type { Feature, LngLat, MapState } from "../../kinds/map/types.ts";

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
  const { geometry, title, note, icon, made } = feature;
  if (geometry.type !== "Point") return [];
  return [
    `  <wpt ${place(geometry.coordinates)}>`,
    `    ${element("time", new Date(made.at).toISOString())}`,
    ...texts({ name: title, desc: note, sym: icon }),
    ...extensions(id, feature),
    "  </wpt>",
  ];
}

function route(id: string, feature: Feature): readonly string[] {
  const { geometry, title, note } = feature;
  if (geometry.type !== "LineString") return [];
  return [
    "  <rte>",
    ...texts({ name: title, desc: note }),
    ...extensions(id, feature),
    ...geometry.coordinates.map((position) => `    <rtept ${place(position)}/>`),
    "  </rte>",
  ];
}

function extensions(id: string, { color, icon, metadata, geometry }: Feature): readonly string[] {
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
  return `<${name}>${escaped(text)}</${name}>`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;" };

/** What XML 1.0 has no way to write is left out: controls and lone surrogates. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, "")
    .replace(/[&<>\r]/g, (character) => ENTITIES[character] ?? "");
}
