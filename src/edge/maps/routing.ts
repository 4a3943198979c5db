import type { LngLat } from "../../kinds/map/types.ts";

/** Where a routing server is that speaks OSRM's HTTP interface (`/table/v1`, `/route/v1`). */
export interface RoutingServer {
  /** Such as `http://127.0.0.1:5000`. */
  readonly url: string;
  /** The profile in its paths; `driving` unless told otherwise. */
  readonly profile?: string;
  /** Milliseconds for all that one answer takes; 4,000 unless told otherwise. */
  readonly timeout?: number;
}

/** One person's way by road. */
export interface RoadWay {
  /** Metres. */
  readonly distance: number;
  /** Seconds. */
  readonly duration: number;
  readonly line: readonly LngLat[];
}

/** A meeting point that roads lead to, and the ways in the order of the places. */
export interface RoadMeeting {
  readonly point: LngLat;
  readonly ways: readonly RoadWay[];
}

/** What a routing server may answer with, bytes; one that says more is wrong. */
const ANSWER_BYTES = 2 * 1024 * 1024;
const TIMEOUT = 4_000;
/** Positions of one way. */
const POSITIONS = 20_000;
/** A Worker may have six connections at a time. */
const AT_A_TIME = 5;

/**
 * Of these candidates the one that whoever takes longest reaches soonest, and everybody's way there.
 *
 * @throws Error when the server is slow, down or wrong; its message is fit for people.
 */
export async function meetByRoad(
  server: RoutingServer,
  places: readonly LngLat[],
  candidates: readonly LngLat[],
): Promise<RoadMeeting> {
  const signal = AbortSignal.timeout(server.timeout ?? TIMEOUT);
  try {
    const point = await fairest(server, signal, places, candidates);
    const ways: RoadWay[] = [];
    for (let from = 0; from < places.length; from += AT_A_TIME) {
      const some = places.slice(from, from + AT_A_TIME);
      ways.push(...(await Promise.all(some.map((place) => wayBetween(server, signal, place, point)))));
    }
    return { point, ways };
  } catch (error) {
    if (signal.aborted) throw new Error("The routing server did not answer in time.", { cause: error });
    throw error;
  }
}

async function fairest(
  server: RoutingServer,
  signal: AbortSignal,
  places: readonly LngLat[],
  candidates: readonly LngLat[],
): Promise<LngLat> {
  const sources = places.map((_, index) => index).join(";");
  const destinations = candidates.map((_, index) => places.length + index).join(";");
  const query = `sources=${sources}&destinations=${destinations}&annotations=duration`;
  const answer = await ask(server, signal, "table", [...places, ...candidates], query);
  const rows = listOf(answer["durations"], places.length).map((row) => listOf(row, candidates.length));
  const greatest = candidates.map((_, column) => Math.max(...rows.map((row) => durationOf(row[column]))));
  const best = greatest.indexOf(Math.min(...greatest));
  if (!Number.isFinite(greatest[best])) throw new Error("No road leads from everybody to one place.");
  const snapped = listOf(answer["destinations"], candidates.length)[best];
  return positionOf(objectOf(snapped)["location"]);
}

async function wayBetween(server: RoutingServer, signal: AbortSignal, from: LngLat, to: LngLat): Promise<RoadWay> {
  const answer = await ask(server, signal, "route", [from, to], "overview=simplified&geometries=geojson&steps=false");
  const { distance, duration, geometry } = objectOf(listOf(answer["routes"])[0]);
  const { type, coordinates } = objectOf(geometry);
  const line = listOf(coordinates);
  if (type !== "LineString" || line.length > POSITIONS) throw wrong();
  return { distance: numberOf(distance), duration: numberOf(duration), line: line.map(positionOf) };
}

async function ask(
  { url, profile = "driving" }: RoutingServer,
  signal: AbortSignal,
  service: "table" | "route",
  positions: readonly LngLat[],
  query: string,
): Promise<Readonly<Record<string, unknown>>> {
  const path = positions.map(([lng, lat]) => `${lng.toFixed(6)},${lat.toFixed(6)}`).join(";");
  const address = `${url.replace(/\/+$/, "")}/${service}/v1/${encodeURIComponent(profile)}/${path}?${query}`;
  let response: Response;
  try {
    // A redirect could lead anywhere; a routing server has no use for one.
    response = await fetch(address, { signal, redirect: "manual", headers: { accept: "application/json" } });
  } catch (error) {
    throw new Error("The routing server cannot be reached.", { cause: error });
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`The routing server answered ${response.status}.`);
  }
  const answer = objectOf(parse(await readSome(response)));
  if (answer["code"] !== "Ok") throw new Error("The routing server found no way.");
  return answer;
}

async function readSome(response: Response): Promise<string> {
  if (response.body === null) return "";
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > ANSWER_BYTES) {
      await reader.cancel();
      throw new Error("The routing server said too much.");
    }
    text += decoder.decode(value, { stream: true });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw wrong();
  }
}

function wrong(): Error {
  return new Error("The routing server's answer is not one.");
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong();
  return value as Readonly<Record<string, unknown>>;
}

function listOf(value: unknown, length?: number): readonly unknown[] {
  if (!Array.isArray(value) || (length !== undefined && value.length !== length)) throw wrong();
  return value as readonly unknown[];
}

/** Null where there is no way. */
function durationOf(value: unknown): number {
  return value === null ? Infinity : numberOf(value);
}

function numberOf(value: unknown): number {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) throw wrong();
  return value;
}

function positionOf(value: unknown): LngLat {
  const [lng, lat] = listOf(value);
  const fits = typeof lng === "number" && Math.abs(lng) <= 180 && typeof lat === "number" && Math.abs(lat) <= 90;
  if (!fits) throw wrong();
  return [lng, lat];
}
