declare module "virtual:base-map" {
  /** Addresses of GeoJSON files, made by `scripts/base-map.ts`. */
  export const land: string;
  export const borders: string;
  /** Points with `name`, `kind` (`country`, `capital`, `place`), `from` (a zoom) and `rank`. */
  export const labels: string;
}
