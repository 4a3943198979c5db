import { readGeoJson, FileFault, toGeoJson, type ReadFile } from "../../kinds/map/geojson.ts";
import type { MapLimits } from "../../kinds/map/limits.ts";
import type { Bucket, MapState } from "../../kinds/map/types.ts";
import { Refusal, refuse } from "../../protocol/refusal.ts";
import { HttpRefusal, jsonText, type Answer } from "../answers.ts";
import { charset, mediaType, readBytes } from "../body.ts";
import { etag } from "../etags.ts";
import type { MapStub } from "../options.ts";
import type { Visit } from "../resource.ts";
import { getState } from "../state.ts";
import { readVersion } from "../versions.ts";
import { write } from "../writes.ts";
import { textOf } from "./file-text.ts";
import { readGpx } from "./gpx-read.ts";
import { toGpx } from "./gpx-write.ts";
import { jsonPlace } from "./json-place.ts";

/** The largest file that is imported, bytes. */
const FILE_BYTES = 8 * 1024 * 1024;

/** The room of a map's route: such routes are only put before namespaces of maps. */
export function mapOf(visit: Visit): MapStub {
  return visit.room as MapStub;
}

/** The state as rooms have it, but with all features in one object, by id. */
export async function getMap(visit: Visit): Promise<Answer> {
  return flattened(await getState(visit));
}

export async function getSession(visit: Visit): Promise<Answer> {
  return flattened(await readVersion(visit));
}

async function flattened(answer: Answer): Promise<Answer> {
  if (answer instanceof Refusal || answer.status !== 200) return answer;
  const { features, size } = await answer.json<MapState>();
  return new Response(JSON.stringify({ features: merged(features), size }), { headers: answer.headers });
}

function merged(buckets: readonly Bucket[]): Bucket {
  return Object.fromEntries(buckets.flatMap((bucket) => Object.entries(bucket)));
}

/** The map as a GeoJSON file. */
export function exportGeoJson(visit: Visit): Promise<Answer> {
  return exported(visit, "geojson", "application/geo+json", (state) => JSON.stringify(toGeoJson(state)));
}

/** The map as a GPX file, without its areas. */
export function exportGpx(visit: Visit): Promise<Answer> {
  return exported(visit, "gpx", "application/gpx+xml", toGpx);
}

async function exported(
  visit: Visit,
  extension: string,
  type: string,
  format: (state: MapState) => string,
): Promise<Answer> {
  const { text, version } = await visit.room.readText();
  const name = encodeURIComponent(`${visit.id}.${extension}`).replaceAll("'", "%27");
  return jsonText(format(JSON.parse(text) as MapState), 200, {
    "content-type": type,
    "content-disposition": `attachment; filename="map.${extension}"; filename*=UTF-8''${name}`,
    etag: etag(version),
  });
}

/**
 * Adds a file's features: GeoJSON, or GPX. All of them, or none: a file with a fault is refused with its place. What is
 * over a limit of one feature is cut, split or left out, and listed in the answer.
 * `?dry=1` answers what the file holds and adds nothing.
 */
export async function importFile(visit: Visit): Promise<Answer> {
  const { request } = visit;
  const read = readerOf(mediaType(request.headers.get("content-type")));
  if (read instanceof Refusal) return read;
  const bytes = await readBytes(request, FILE_BYTES, 0);
  if (bytes instanceof Refusal) return bytes;
  const text = textOf(bytes, charset(request.headers.get("content-type")));
  if (typeof text !== "string") return badFile(text.message, text.line, text.column);
  const file = read(text, await mapOf(visit).importLimits());
  if (file instanceof Refusal) return file;
  const { features, ...left } = file;
  if (visit.url.searchParams.get("dry") === "1") return jsonText(JSON.stringify({ features, ...left }));
  const answer = await write(visit, (options) =>
    mapOf(visit).importText(JSON.stringify(features), visit.admission, options),
  );
  if (answer instanceof Refusal || !answer.ok) return answer;
  const { version } = await answer.json<{ readonly version: string }>();
  return new Response(JSON.stringify({ version, added: features.length, ...left }), { headers: answer.headers });
}

type FileReader = (text: string, limits: MapLimits) => ReadFile | Refusal;

const TYPES = "application/geo+json, application/json, application/gpx+xml, application/xml, text/xml";

/** How files of a type are read; without a type, and as mere bytes, by their first character. */
function readerOf(type: string | undefined): FileReader | Refusal {
  if (type === undefined || type === "application/octet-stream") {
    return (text, limits) => (/^\s*</.test(text) ? readGpxText : readGeoJsonText)(text, limits);
  }
  if (JSON_TYPE.test(type)) return readGeoJsonText;
  if (XML_TYPE.test(type)) return readGpxText;
  return new HttpRefusal("unsupported_media_type", `This route reads ${TYPES}.`, { accept: TYPES });
}

/** `application/vnd.geo+json` was GeoJSON's type before RFC 7946. */
const JSON_TYPE = /^(application|text)\/([\w.-]+\+)?json$/;
const XML_TYPE = /^(application|text)\/([\w.-]+\+)?(xml|gpx)$/;

function readGeoJsonText(text: string, limits: MapLimits): ReadFile | Refusal {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const { line, column } = jsonPlace(text);
    return badFile("The file is not JSON", line, column);
  }
  const read = readGeoJson(value, limits);
  if (!(read instanceof FileFault)) return read;
  const { message, path } = read;
  return refuse("bad_file", `${message}.`, path === undefined ? {} : { path });
}

function readGpxText(text: string, limits: MapLimits): ReadFile | Refusal {
  const read = readGpx(text, limits);
  return "features" in read ? read : badFile(read.message, read.line, read.column);
}

function badFile(message: string, line: number, column: number): Refusal {
  const said = `${message.replace(/\.$/, "")}: line ${line}, column ${column}.`;
  return refuse("bad_file", said, { lines: [{ line, code: "bad_file", message: said }] });
}
