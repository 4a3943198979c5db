import type { ExpressionSpecification, LayerSpecification, SourceSpecification } from "maplibre-gl";

/** The page's own sources, above any base map. */
export const SOURCES = ["features", "pins", "handles", "drafts", "meeting"] as const;
export type SourceName = (typeof SOURCES)[number];

/** Layers that stand for a feature: what is clicked and dragged. The uppermost first. */
export const FEATURE_LAYERS = ["pins-chosen", "pins", "clusters", "routes-hit", "areas"] as const;

/** Pins within this many pixels of each other are drawn as one circle with their number... */
const CLUSTER_RADIUS = 44;
/** ...where they are this many... */
const CLUSTER_MIN_PINS = 8;
/** ...up to this zoom: from there on every pin is drawn. */
const CLUSTER_MAX_ZOOM = 13;

export function source(name: SourceName): SourceSpecification {
  return {
    type: "geojson",
    data: { type: "FeatureCollection", features: [] },
    tolerance: name === "features" ? 0.2 : 0,
    ...(name === "features" || name === "pins" ? { promoteId: "id" } : {}),
    ...(name === "pins"
      ? {
          cluster: true,
          clusterRadius: CLUSTER_RADIUS,
          clusterMinPoints: CLUSTER_MIN_PINS,
          clusterMaxZoom: CLUSTER_MAX_ZOOM,
        }
      : {}),
  };
}

const COLOR = ["get", "ink"] as const;
const IS_CLUSTER: ExpressionSpecification = ["has", "point_count"];
const isType = (type: string): ExpressionSpecification => ["==", ["geometry-type"], type];

interface Look {
  readonly dark: boolean;
  /** CSS font families, or those that the base map's `glyphs` have. */
  readonly font: readonly string[];
}

/** From the lowest up. */
export function layers({ dark, font }: Look): readonly LayerSpecification[] {
  const ink = dark ? "#f2f4f5" : "#1d2530";
  const ground = dark ? "#14191f" : "#ffffff";
  const text = {
    paint: { "text-color": ink, "text-halo-color": ground, "text-halo-width": 1.6 },
    layout: { "text-field": ["get", "title"] as ["get", string], "text-font": [...font], "text-size": 13 },
  };
  return [
    {
      id: "areas",
      type: "fill",
      source: "features",
      filter: isType("Polygon"),
      paint: { "fill-color": [...COLOR], "fill-opacity": ["case", ["get", "selected"], 0.28, 0.16] },
    },
    {
      id: "areas-rim",
      type: "line",
      source: "features",
      filter: isType("Polygon"),
      paint: {
        "line-color": [...COLOR],
        "line-width": ["case", ["get", "selected"], 3, 2],
        "line-dasharray": [3, 1.5],
      },
    },
    {
      id: "routes-case",
      type: "line",
      source: "features",
      filter: isType("LineString"),
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": ground, "line-width": ["case", ["get", "selected"], 9, 6.5], "line-opacity": 0.9 },
    },
    {
      id: "routes",
      type: "line",
      source: "features",
      filter: isType("LineString"),
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": [...COLOR], "line-width": ["case", ["get", "selected"], 5, 3.5] },
    },
    {
      id: "routes-hit",
      type: "line",
      source: "features",
      filter: isType("LineString"),
      paint: { "line-color": "#000", "line-width": 18, "line-opacity": 0 },
    },
    {
      id: "meeting-ways",
      type: "line",
      source: "meeting",
      filter: isType("LineString"),
      layout: { "line-cap": "round" },
      paint: { "line-color": ink, "line-width": 2.5, "line-dasharray": [0.4, 2] },
    },
    {
      id: "accuracy",
      type: "fill",
      source: "drafts",
      filter: ["==", ["get", "what"], "accuracy"],
      paint: { "fill-color": [...COLOR], "fill-opacity": 0.12 },
    },
    {
      id: "drafts",
      type: "line",
      source: "drafts",
      filter: isType("LineString"),
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": [...COLOR], "line-width": 3, "line-dasharray": [1.5, 1.8] },
    },
    {
      id: "drafts-points",
      type: "circle",
      source: "drafts",
      filter: isType("Point"),
      paint: {
        "circle-radius": 5,
        "circle-color": ground,
        "circle-stroke-color": [...COLOR],
        "circle-stroke-width": 2.5,
      },
    },
    {
      id: "handles",
      type: "circle",
      source: "handles",
      paint: {
        "circle-radius": ["case", ["get", "middle"], 4.5, 7],
        "circle-color": ground,
        "circle-opacity": ["case", ["get", "middle"], 0.75, 1],
        "circle-stroke-color": [...COLOR],
        "circle-stroke-width": ["case", ["get", "middle"], 1.5, 3],
      },
    },
    {
      id: "pins-halo",
      type: "circle",
      source: "features",
      filter: ["all", isType("Point"), ["==", ["get", "selected"], true]],
      paint: {
        "circle-radius": 22,
        "circle-translate": [0, -23],
        "circle-color": [...COLOR],
        "circle-opacity": 0.18,
        "circle-stroke-color": [...COLOR],
        "circle-stroke-width": 2,
      },
    },
    {
      id: "routes-labels",
      type: "symbol",
      source: "features",
      filter: isType("LineString"),
      layout: {
        ...text.layout,
        "symbol-placement": "line-center",
        "text-rotation-alignment": "viewport",
        "text-max-angle": 180,
      },
      paint: text.paint,
    },
    {
      id: "areas-labels",
      type: "symbol",
      source: "features",
      filter: isType("Polygon"),
      layout: { ...text.layout },
      paint: text.paint,
    },
    {
      id: "clusters",
      type: "circle",
      source: "pins",
      filter: IS_CLUSTER,
      paint: {
        "circle-color": dark ? "#8fb4ea" : "#1f62c4",
        "circle-opacity": 0.92,
        "circle-radius": ["step", ["get", "point_count"], 15, 50, 18, 250, 22, 1_000, 27],
        "circle-stroke-color": ground,
        "circle-stroke-width": 3,
        "circle-stroke-opacity": 0.8,
      },
    },
    {
      id: "clusters-count",
      type: "symbol",
      source: "pins",
      filter: IS_CLUSTER,
      layout: {
        "text-field": ["get", "point_count_abbreviated"],
        "text-font": [...font],
        "text-size": 12,
        "text-allow-overlap": true,
        "text-ignore-placement": true,
      },
      paint: { "text-color": dark ? "#14191f" : "#ffffff" },
    },
    ...(["pins", "pins-chosen"] as const).map((id): LayerSpecification => ({
      id,
      type: "symbol",
      source: id === "pins" ? "pins" : "features",
      filter: id === "pins" ? ["!", IS_CLUSTER] : isType("Point"),
      layout: {
        ...text.layout,
        "icon-image": ["get", "image"],
        "icon-anchor": "bottom",
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
        "icon-size": ["case", ["get", "selected"], 1.12, 1],
        "text-anchor": "top",
        "text-offset": [0, 0.15],
        "text-optional": true,
        "text-max-width": 12,
        "symbol-sort-key": ["case", ["get", "selected"], 1, 0],
      },
      paint: text.paint,
    })),
  ];
}
