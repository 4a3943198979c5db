import { ICONS } from "../../../src/kinds/map/types.ts";

/** Colours that a feature can be given here; any other is shown as it is. Each carries white at 4.5 to 1 or more. */
export const COLORS = [
  { name: "Blue", value: "#1f62c4" },
  { name: "Red", value: "#c2362f" },
  { name: "Green", value: "#1c7a48" },
  { name: "Purple", value: "#7745bd" },
  { name: "Orange", value: "#ab5a0c" },
  { name: "Teal", value: "#0d757c" },
  { name: "Pink", value: "#b8357b" },
  { name: "Slate", value: "#4d5b6b" },
] as const;

export const DEFAULT_COLOR = COLORS[0].value;

export function colorOf(color: string | undefined): string {
  return color !== undefined && /^#[0-9a-f]{6}$/i.test(color) ? color : DEFAULT_COLOR;
}

export type IconName = (typeof ICONS)[number];

export function iconOf(icon: string | undefined): IconName {
  return ICONS.find((name) => name === icon) ?? "pin";
}

/** One stroke each on 20 by 20, for the page and for the map alike. */
export const ICON_PATHS: Readonly<Record<IconName, string>> = {
  pin: "M10 7.1a2.9 2.9 0 1 0 0 5.8 2.9 2.9 0 0 0 0-5.8Z",
  flag: "M6 16.5v-13m0 .8h8.7l-2 3.2 2 3.2H6",
  star: "m10 3.4 2 4.4 4.7.5-3.5 3.2 1 4.7-4.2-2.4-4.2 2.4 1-4.7L3.3 8.3 8 7.8Z",
  heart: "M10 16.2S3.4 12.3 3.4 7.8A3.5 3.5 0 0 1 10 6.2a3.5 3.5 0 0 1 6.6 1.6C16.6 12.3 10 16.2 10 16.2Z",
  home: "M3.2 9.6 10 3.8l6.8 5.8M5.2 8v8.2h9.6V8M8.4 16.2v-4.4h3.2v4.4",
  work: "M3.2 6.8h13.6v9H3.2Zm4.2 0V4.4h5.2v2.4M3.2 11h13.6",
  food: "M5.6 3.4v3.8a2 2 0 0 0 4 0V3.4m-2 0v13.2m6.4 0V3.4c-2 1-2.6 3.6-2.6 6.4H14",
  coffee:
    "M4.2 7.4h9v5.2a3.4 3.4 0 0 1-3.4 3.4H7.6a3.4 3.4 0 0 1-3.4-3.4Zm9 1h1.2a2 2 0 0 1 0 4h-1.2M7.2 3.4v1.8m3-1.8v1.8",
  bed: "M2.8 16V5M2.8 13.2h14.4V16m0-2.8v-1.8a2.4 2.4 0 0 0-2.4-2.4H9.2v4.2M6 8.6a1.1 1.1 0 1 0 0 2.2 1.1 1.1 0 0 0 0-2.2Z",
  camp: "M10 5 3 16.2h14Zm0 0L8.8 3M10 5l1.2-2M10 10.4l-3 5.8m3-5.8 3 5.8",
  water: "M10 3.2S5 8.6 5 12a5 5 0 0 0 10 0c0-3.4-5-8.8-5-8.8Z",
  tree: "M10 3.2 5.8 9h2L5 14h10l-2.8-5h2ZM10 14v3",
  mountain: "m2.4 15.8 5.4-9.4 3.4 5.4 1.8-2.8 4.6 6.8Z",
  camera: "M2.8 6.6h3.4l1.4-2.2h4.8l1.4 2.2h3.4v9.2H2.8ZM10 8.4a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4Z",
  parking: "M7.4 16.4V3.8h3.8a3.5 3.5 0 0 1 0 7H7.4",
  bus: "M4 4.2h12v10H4Zm0 5.4h12M6.6 14.2v2.2m6.8-2.2v2.2M6.6 12h.1m6.7 0h.1",
  train:
    "M6 3.4h8A1.6 1.6 0 0 1 15.6 5v7.4A1.6 1.6 0 0 1 14 14H6a1.6 1.6 0 0 1-1.6-1.6V5A1.6 1.6 0 0 1 6 3.4Zm-1.6 5.4h11.2M7 14l-1.8 2.8M13 14l1.8 2.8M7.4 11.4h.1m5 0h.1",
  bike: "M5 9.6a3.1 3.1 0 1 0 0 6.2 3.1 3.1 0 0 0 0-6.2Zm10 0a3.1 3.1 0 1 0 0 6.2 3.1 3.1 0 0 0 0-6.2ZM5 12.7 7.6 7h4.8L15 12.7M7.6 7l2.6 5.2L12.4 7V5H14M6.4 4.8h2.4",
  walk: "M11 2.8a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6ZM6.8 10.4l1.4-2.8 2.6-.6 1.6 2.8 2.2.8M10 7.2l-.8 4 2.6 2.2.8 3.6M9.2 11.2l-.6 2.8-2.2 3",
  warning: "M10 3.4 2.8 16h14.4Zm0 5v3.4m0 2.1v.1",
};
