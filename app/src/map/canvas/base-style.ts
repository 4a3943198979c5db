import type { StyleSpecification } from "maplibre-gl";
import { borders, labels, land } from "virtual:base-map";

/** Of the built-in map; a style of one's own brings its own. */
interface Colors {
  readonly water: string;
  readonly land: string;
  readonly coast: string;
  readonly border: string;
  readonly country: string;
  readonly place: string;
}

const LIGHT: Colors = {
  water: "#d5e4e8",
  land: "#f8f6f0",
  coast: "#a9c3cb",
  border: "#cdc3b2",
  country: "#6f6a60",
  place: "#454b54",
};

const DARK: Colors = {
  water: "#12191f",
  land: "#262c33",
  coast: "#3d4c57",
  border: "#4a535d",
  country: "#8f99a3",
  place: "#c3cad1",
};

/** Without a `glyphs` address MapLibre draws text with the fonts of the device: this is a CSS font family. */
export const LOCAL_FONT = ["system-ui, sans-serif"];

const CREDITS =
  '<a href="https://www.naturalearthdata.com/">Natural Earth</a> · <a href="https://www.geonames.org/">GeoNames</a> (CC BY 4.0)';

/** Land, borders and places from the page's own files: no network beyond the page's server, and no key. */
export function baseStyle(dark: boolean): StyleSpecification {
  const colors = dark ? DARK : LIGHT;
  return {
    version: 8,
    sources: {
      land: { type: "geojson", data: land, attribution: CREDITS, maxzoom: 12, tolerance: 0.25 },
      borders: { type: "geojson", data: borders, maxzoom: 12, tolerance: 0.25 },
      labels: { type: "geojson", data: labels, maxzoom: 10 },
    },
    layers: [
      { id: "water", type: "background", paint: { "background-color": colors.water } },
      { id: "land", type: "fill", source: "land", paint: { "fill-color": colors.land, "fill-antialias": false } },
      {
        id: "coast",
        type: "line",
        source: "land",
        paint: {
          "line-color": colors.coast,
          "line-width": ["interpolate", ["linear"], ["zoom"], 0, 0.5, 4, 0.9, 10, 1.6],
        },
      },
      {
        id: "borders",
        type: "line",
        source: "borders",
        layout: { "line-join": "round" },
        paint: {
          "line-color": colors.border,
          "line-width": ["interpolate", ["linear"], ["zoom"], 0, 0.5, 4, 0.9, 10, 1.8],
          "line-dasharray": [4, 2],
        },
      },
      {
        id: "places",
        type: "symbol",
        source: "labels",
        filter: ["all", ["!=", ["get", "kind"], "country"], [">=", ["zoom"], ["get", "from"]]],
        layout: {
          "text-field": ["get", "name"],
          "text-font": LOCAL_FONT,
          "text-size": ["interpolate", ["linear"], ["zoom"], 2, 10.5, 9, 14],
          "text-variable-anchor": ["left", "right", "top", "bottom"],
          "text-radial-offset": 0.55,
          "text-justify": "auto",
          "text-padding": 6,
          "icon-image": ["case", ["==", ["get", "kind"], "capital"], "place/capital", "place/dot"],
          "icon-padding": 1,
          "symbol-sort-key": ["get", "rank"],
        },
        paint: { "text-color": colors.place, "text-halo-color": colors.land, "text-halo-width": 1.4 },
      },
      {
        id: "countries",
        type: "symbol",
        source: "labels",
        maxzoom: 8,
        filter: ["all", ["==", ["get", "kind"], "country"], [">=", ["zoom"], ["get", "from"]]],
        layout: {
          "text-field": ["upcase", ["get", "name"]],
          "text-font": LOCAL_FONT,
          "text-size": ["interpolate", ["linear"], ["zoom"], 1, 9.5, 6, 14],
          "text-letter-spacing": 0.12,
          "text-max-width": 7,
          "text-padding": 8,
          "symbol-sort-key": ["get", "rank"],
        },
        paint: { "text-color": colors.country, "text-halo-color": colors.land, "text-halo-width": 1.4 },
      },
    ],
  };
}

/** The colours of a place's dot. */
export function dotColors(dark: boolean): { readonly ink: string; readonly ground: string } {
  return dark ? { ink: DARK.place, ground: DARK.land } : { ink: LIGHT.place, ground: LIGHT.land };
}

interface Settings {
  readonly [name: string]: unknown;
  readonly VITE_MAP_STYLE?: string;
  readonly VITE_MAP_STYLE_DARK?: string;
  readonly VITE_MAP_ATTRIBUTION?: string;
}

/**
 * The style that the build was told to use: the address of a MapLibre style, or of raster tiles with `{z}`, `{x}` and
 * `{y}`. Undefined when it was told of none.
 */
export function ownStyle(dark: boolean, settings: Settings = import.meta.env): string | StyleSpecification | undefined {
  const { VITE_MAP_STYLE: light, VITE_MAP_STYLE_DARK: night, VITE_MAP_ATTRIBUTION: attribution = "" } = settings;
  const address = (dark ? night : undefined) ?? light;
  if (address === undefined || address === "") return undefined;
  if (!address.includes("{z}")) return address;
  return {
    version: 8,
    sources: { tiles: { type: "raster", tiles: [address], tileSize: 256, attribution } },
    layers: [{ id: "tiles", type: "raster", source: "tiles" }],
  };
}
