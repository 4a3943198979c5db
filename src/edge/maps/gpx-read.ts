import { SaxesParser, type SaxesTagNS } from "saxes";
import { tooDeep } from "../../kinds/json/measure.ts";
import { isObject } from "../../kinds/json/object.ts";
import { FileChanges, fitFeature, type FeatureParts, type FileChange, type FilePart } from "../../kinds/map/fit.ts";
import { positionFault, wrapPosition } from "../../kinds/map/geometry.ts";
import { MAP_LIMITS, type MapLimits } from "../../kinds/map/limits.ts";
import { readColor } from "../../kinds/map/properties.ts";
import type { FeatureFields, Geometry, ImportedFeature, LngLat } from "../../kinds/map/types.ts";
import type { Json } from "../../protocol/json.ts";
import { DEFAULT_LIMITS } from "../../protocol/limits.ts";
import { featureFields, iconOf, type GpxFields, type GpxLink } from "./gpx-fields.ts";
import { NAMESPACE } from "./gpx-write.ts";

/** What a GPX file came to. */
export interface ReadGpx {
  readonly features: readonly ImportedFeature[];
  /** Routes and segments of tracks that have too few points for a line. */
  readonly skipped: number;
  /** What was cut, split or left out; absent where nothing was. */
  readonly changes?: readonly FileChange[];
  /** Changes beyond those listed. */
  readonly moreChanges?: number;
}

/** Why a GPX file cannot be taken. Lines and columns count from 1. */
export interface GpxFault {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** Elements may be nested so deep; GPX needs five. */
const DEPTH = 32;

/** Longer names are cut in messages. */
const MAX_NAME = 40;

/** Ends the reading of a file. Never leaves this module. */
class Thrown extends Error {}

/**
 * Reads GPX 1.0 or 1.1: way points become pins, routes and each segment of a track become routes. A feature over a
 * limit is cut or split. Entities that a file defines are not expanded.
 */
export function readGpx(text: string, limits: MapLimits = MAP_LIMITS): ReadGpx | GpxFault {
  // XML forbids space before its declaration; some programs write it all the same.
  const [space = ""] = /^[\s\ufeff]*/.exec(text) ?? [];
  const linesBefore = space.split("\n").length - 1;
  const columnsBefore = space.length - space.lastIndexOf("\n") - 1;
  const parser = new SaxesParser({ xmlns: true, position: true });
  const lineNow = (): number => parser.line + linesBefore;
  const reader = new Reader(limits, lineNow);
  // What it throws ends the parse where it stands.
  parser.on("error", (error) => {
    const message = error.message.replace(/^\d+:\d+: /, "");
    // Refused by `open` where the element is the file's own: extensions and attributes are other programs'.
    if (!message.startsWith(UNBOUND_PREFIX)) throw new Thrown(message);
    reader.unbound = true;
  });
  parser.on("opentag", (tag) => reader.open(tag));
  parser.on("text", (piece) => reader.text(piece));
  parser.on("cdata", (piece) => reader.text(piece));
  parser.on("closetag", () => reader.close());
  try {
    parser.write(text.slice(space.length)).close();
    return reader.end();
  } catch (error) {
    if (!(error instanceof Thrown)) throw error;
    const column = parser.columnIndex + 1 + (parser.line === 1 ? columnsBefore : 0);
    return { message: error.message, line: lineNow(), column };
  }
}

const UNBOUND_PREFIX = "unbound namespace prefix";

/** An element that is open. */
interface Open {
  readonly name: string;
  /** It is GPX's own element, where GPX has it. */
  readonly gpx: boolean;
  readonly ours: boolean;
  text: string;
  /** The way point, route or track that it stands in. */
  readonly about: About;
  /** The link that this element is. */
  readonly link?: GpxLink;
}

interface About extends GpxFields {
  /** The element's name and the line where it begins. */
  readonly element: string;
  readonly startLine: number;
  at?: LngLat;
  line: LngLat[];
}

/** Builds features from the elements of a file, as they come. */
class Reader {
  /** The element that opens next, or one of its attributes, has a prefix that the file does not declare. */
  unbound = false;
  readonly #limits: MapLimits;
  readonly #lineNow: () => number;
  readonly #features: ImportedFeature[] = [];
  readonly #changes = new FileChanges();
  readonly #open: Open[] = [];
  #skipped = 0;
  #timesLeftOut = 0;
  /** The namespace of the file's root: that of GPX 1.0, of 1.1, or none. */
  #uri = "";

  constructor(limits: MapLimits, lineNow: () => number) {
    this.#limits = limits;
    this.#lineNow = lineNow;
  }

  open({ local: name, prefix, uri, attributes }: SaxesTagNS): void {
    const parent = this.#open.at(-1);
    if (parent === undefined && name !== "gpx") throw new Thrown(`Expected a gpx element, not ${name}`);
    if (this.#open.length >= DEPTH) throw new Thrown(`Elements may be nested ${DEPTH} deep`);
    if (parent === undefined) this.#uri = uri;
    // What stands in extensions is another program's, whatever it is called.
    const inGpx = parent === undefined || (parent.gpx && parent.name !== "extensions");
    // The parser gives an element of an undeclared prefix its prefix as namespace.
    const unbound = this.unbound && prefix !== "" && uri === prefix;
    this.unbound = false;
    if (unbound && inGpx) throw new Thrown(`${UNBOUND_PREFIX}: ${JSON.stringify(prefix)}`);
    const gpx = inGpx && uri === this.#uri;
    const isWhole = gpx && parent?.name === "gpx" && (name === "wpt" || name === "rte" || name === "trk");
    const about: About =
      isWhole || parent === undefined
        ? { element: name, startLine: this.#lineNow(), line: [], links: [], points: [] }
        : parent.about;
    const href = gpx && name === "link" && isAbout(parent) ? attributes["href"]?.value.trim() : undefined;
    const link = href === undefined || href === "" ? undefined : { href };
    if (link !== undefined) about.links.push(link);
    this.#open.push({ name, gpx, ours: uri === NAMESPACE, text: "", about, ...(link === undefined ? {} : { link }) });
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
      about.points.length = 0;
      delete about.time;
    } else if (parent !== undefined) {
      readAbout(closed, parent);
      if (gpx && name === "time" && isPointOfLine(parent)) this.#readTime(closed);
    }
  }

  end(): ReadGpx {
    if (this.#timesLeftOut > 0) {
      this.#changes.add(
        { name: "" },
        `<time> of ${this.#timesLeftOut} points was left out: a line has the time of its first point.`,
      );
    }
    return { features: this.#features, skipped: this.#skipped, ...this.#changes.members };
  }

  /** A line keeps the time of its first point. */
  #readTime({ text, about }: Open): void {
    const time = text.trim();
    if (time === "") return;
    if (about.line.length === 1) about.time = time;
    else this.#timesLeftOut += 1;
  }

  #add(about: About, geometry: Geometry): void {
    const { id } = about;
    // Copied: of a track, each segment is a feature.
    const fields = featureFields({ ...about, points: [...about.points] });
    const feature = { ...(id === undefined ? {} : { id }), geometry, ...fields };
    for (const fitted of fitFeature(this.#limits, feature, partsOf(about), this.#changes)) this.#features.push(fitted);
  }
}

/** What the file calls the parts of a feature. */
function partsOf({ element, name, desc, startLine }: About): FeatureParts {
  const title = name === undefined ? "" : ` "${name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name}"`;
  const whole = `<${element}>${title}`;
  const part = (inner: string): FilePart => ({ name: `<${inner}> of ${whole}`, line: startLine });
  return {
    field: (field) => {
      if (field === "geometry") return { name: whole, line: startLine };
      return part(field === "title" ? "name" : desc === undefined ? "cmt" : "desc");
    },
    metadata: (key) => part(key === "points" ? "name> of <rtept" : key),
  };
}

/** Whether this is a way point, a route or a track. */
function isAbout(open: Open | undefined): boolean {
  return open !== undefined && open.gpx && (open.name === "wpt" || open.name === "rte" || open.name === "trk");
}

function isPointOfLine({ gpx, name }: Open): boolean {
  return gpx && (name === "rtept" || name === "trkpt");
}

/** Notes what an element says of the way point, route or track that it stands in. */
function readAbout({ name, gpx, ours, text, about }: Open, parent: Open): void {
  const value = text.trim();
  if (value === "") return;
  if (parent.name === "extensions" && parent.gpx) {
    const color = name === "color" ? readColor(value.slice(0, 7)) : undefined;
    if (color !== undefined) about.color = color;
    if (!ours) return;
    if (name === "id" && /^[\w.:-]{1,64}$/.test(text)) about.id = text;
    if (name === "icon") {
      const icon = iconOf(value);
      if (icon !== undefined) about.icon = icon;
    }
    if (name === "metadata") about.metadata = readMetadata(text);
  } else if (gpx && isAbout(parent)) readField(name, text, value, about);
  else if (gpx && parent.link !== undefined) {
    if (name === "text" || name === "type") parent.link[name] = value;
  } else if (gpx && parent.gpx && parent.name === "rtept" && name === "name") {
    const at = about.line.at(-1);
    if (at !== undefined) about.points.push({ name: value, at });
  }
}

function readField(name: string, text: string, value: string, about: About): void {
  switch (name) {
    case "name":
    case "desc":
    case "cmt":
      // As it is, with the space around it.
      about[name] = text;
      return;
    case "sym":
    case "type":
    case "src":
    case "number":
    case "time":
      about[name] = value;
      return;
    // GPX 1.0.
    case "url":
      about.links.push({ href: value });
      return;
    case "urlname": {
      const link = about.links.at(-1);
      if (link !== undefined) link.text = value;
      return;
    }
    default:
  }
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
  // GPX has decimals only, but programs write numbers near 0 with an exponent.
  const isNumber = /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(text);
  if (!isNumber || !Number.isFinite(Number(text))) {
    throw new Thrown(`Not a number of degrees: ${name}="${text.slice(0, 40)}"`);
  }
  return Number(text);
}
