import { SaxesParser, type SaxesTagNS } from "saxes";
import { tooDeep } from "../../kinds/json/measure.ts";
import { isObject } from "../../kinds/json/object.ts";
import { positionFault, wrapPosition } from "../../kinds/map/geometry.ts";
import { readColor, readIcon } from "../../kinds/map/properties.ts";
import type { FeatureFields, Geometry, ImportedFeature, LngLat } from "../../kinds/map/types.ts";
import type { Json } from "../../protocol/json.ts";
import { DEFAULT_LIMITS } from "../../protocol/limits.ts";
import { NAMESPACE } from "./gpx-write.ts";

/** What a GPX file came to. */
export interface ReadGpx {
  readonly features: readonly ImportedFeature[];
  /** Routes and segments of tracks that have too few points for a line. */
  readonly skipped: number;
}

/** Why a GPX file cannot be taken. Lines and columns count from 1. */
export interface GpxFault {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** Elements may be nested so deep; GPX needs five. */
const DEPTH = 32;

/** Ends the reading of a file. Never leaves this module. */
class Thrown extends Error {}

/**
 * Reads GPX 1.0 or 1.1: way points become pins, routes and each segment of a track become routes. Of a file's own
 * entities none is expanded.
 */
export function readGpx(text: string): ReadGpx | GpxFault {
  const parser = new SaxesParser({ xmlns: true, position: true });
  const reader = new Reader();
  // What it throws ends the parse where it stands.
  parser.on("error", (error) => {
    throw new Thrown(error.message.replace(/^\d+:\d+: /, ""));
  });
  parser.on("opentag", (tag) => reader.open(tag));
  parser.on("text", (piece) => reader.text(piece));
  parser.on("cdata", (piece) => reader.text(piece));
  parser.on("closetag", () => reader.close());
  try {
    parser.write(text).close();
    return reader.end();
  } catch (error) {
    if (!(error instanceof Thrown)) throw error;
    return { message: error.message, line: parser.line, column: parser.columnIndex + 1 };
  }
}

/** An element that is open. */
interface Open {
  readonly name: string;
  /** It is GPX's own element, where GPX has it. */
  readonly gpx: boolean;
  readonly ours: boolean;
  text: string;
  /** What is written of the way point, route or track, which its elements tell of. */
  readonly about: About;
}

interface About {
  title?: string;
  note?: string;
  icon?: string;
  color?: string;
  id?: string;
  metadata?: FeatureFields["metadata"];
  at?: LngLat;
  line: LngLat[];
}

/** Builds features from the elements of a file, as they come. */
class Reader {
  readonly #features: ImportedFeature[] = [];
  readonly #open: Open[] = [];
  #skipped = 0;
  /** The namespace of the file's root: that of GPX 1.0, of 1.1, or none. */
  #uri = "";

  open({ local: name, uri, attributes }: SaxesTagNS): void {
    const parent = this.#open.at(-1);
    if (parent === undefined && name !== "gpx") throw new Thrown(`Expected a gpx element, not ${name}`);
    if (this.#open.length >= DEPTH) throw new Thrown(`Elements may be nested ${DEPTH} deep`);
    if (parent === undefined) this.#uri = uri;
    // What stands in extensions is another program's, whatever it is called.
    const gpx = uri === this.#uri && (parent === undefined || (parent.gpx && parent.name !== "extensions"));
    const whole = gpx && parent?.name === "gpx" && (name === "wpt" || name === "rte" || name === "trk");
    const about: About = whole || parent === undefined ? { line: [] } : parent.about;
    this.#open.push({ name, gpx, ours: uri === NAMESPACE, text: "", about });
    if (!gpx || (name !== "wpt" && name !== "rtept" && name !== "trkpt")) return;
    const at = readPosition(attributes["lon"]?.value, attributes["lat"]?.value);
    if (name === "wpt") about.at = at;
    else about.line.push(at);
  }

  text(piece: string): void {
    const top = this.#open.at(-1);
    if (top !== undefined) top.text += piece;
  }

  close(): void {
    const closed = this.#open.pop();
    const parent = this.#open.at(-1);
    if (closed === undefined) return;
    const { name, gpx, about } = closed;
    if (gpx && name === "wpt" && about.at !== undefined) this.#add(about, { type: "Point", coordinates: about.at });
    else if (gpx && (name === "rte" || name === "trkseg")) {
      if (about.line.length < 2) this.#skipped += 1;
      else this.#add(about, { type: "LineString", coordinates: about.line });
      about.line = [];
    } else if (parent !== undefined) readAbout(closed, parent);
  }

  end(): ReadGpx {
    return { features: this.#features, skipped: this.#skipped };
  }

  #add({ title, note, icon, color, id, metadata }: About, geometry: Geometry): void {
    this.#features.push({
      ...(id === undefined ? {} : { id }),
      geometry,
      ...(title === undefined ? {} : { title }),
      ...(note === undefined ? {} : { note }),
      ...(color === undefined ? {} : { color }),
      ...(icon === undefined ? {} : { icon }),
      ...(metadata === undefined ? {} : { metadata }),
    });
  }
}

/** Notes what an element says of the way point, route or track that it stands in. */
function readAbout({ name, gpx, ours, text, about }: Open, parent: Open): void {
  const value = text.trim() === "" ? undefined : text;
  if (value === undefined) return;
  if (parent.name === "extensions" && parent.gpx) {
    const color = name === "color" ? readColor(value.trim().slice(0, 7)) : undefined;
    if (color !== undefined) about.color = color;
    if (!ours) return;
    if (name === "id" && /^[\w.:-]{1,64}$/.test(value)) about.id = value;
    if (name === "icon") setIcon(about, value);
    if (name === "metadata") about.metadata = readMetadata(value);
  } else if (gpx && (parent.name === "wpt" || parent.name === "rte" || parent.name === "trk")) {
    if (name === "name") about.title = value;
    if (name === "desc" || (name === "cmt" && about.note === undefined)) about.note = value;
    if (name === "sym") setIcon(about, value.trim());
  }
}

function setIcon(about: About, value: string): void {
  const icon = readIcon(value.toLowerCase());
  if (icon !== undefined) about.icon = icon;
}

function readMetadata(text: string): NonNullable<FeatureFields["metadata"]> {
  let value: Json = null;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    // Not JSON, and so no object either.
  }
  if (tooDeep(value, DEFAULT_LIMITS.depth)) throw new Thrown(`Metadata may be nested ${DEFAULT_LIMITS.depth} deep`);
  if (isObject(value)) return value;
  throw new Thrown("Metadata is a JSON object");
}

function readPosition(lon: string | undefined, lat: string | undefined): LngLat {
  const at = [readNumber("lon", lon), readNumber("lat", lat)] as const;
  const fault = positionFault(at);
  if (fault !== undefined) throw new Thrown(fault.message);
  return wrapPosition(at);
}

function readNumber(name: string, text: string | undefined): number {
  if (text === undefined) throw new Thrown(`A point has the attribute ${name}`);
  if (!/^\s*[-+]?(\d+\.?\d*|\.\d+)\s*$/.test(text))
    throw new Thrown(`Not a number of degrees: ${name}="${text.slice(0, 40)}"`);
  return Number(text);
}
