import { describe, expect, test } from "vitest";
import { FileFault, readGeoJson, toGeoJson, type ReadFile } from "./geojson.ts";
import { TryMap } from "./try-map.ts";
import type { NewFeature } from "./types.ts";

const FEATURES: readonly (NewFeature & { readonly id: string })[] = [
  {
    id: "a",
    geometry: { type: "Point", coordinates: [-180, 90] },
    title: 'A & "B" <é>\n',
    note: "",
    color: "#aa0000",
    icon: "star",
    metadata: { n: 1.5, list: [null, { deep: true }], "": "empty" },
  },
  {
    id: "b",
    geometry: {
      type: "LineString",
      coordinates: [
        [0, 0],
        [1e-7, -1e-9],
        [180, 1],
      ],
    },
    metadata: {},
  },
  {
    id: "c",
    geometry: {
      type: "Polygon",
      coordinates: [
        [
          [0, 0],
          [1, 0],
          [1, 1],
          [0, 0],
        ],
      ],
    },
  },
];

const point = { type: "Point", coordinates: [1, 2] };
const feature = (properties: unknown, geometry: unknown = point): unknown => ({
  type: "Feature",
  geometry,
  properties,
});

function fields(value: unknown): unknown {
  const read = readGeoJson(value);
  if (read instanceof FileFault) throw new Error(read.message);
  return read.features.map(({ geometry: _geometry, ...rest }) => rest);
}

describe("GeoJSON", () => {
  test("M14 what is exported comes back the same", () => {
    const map = new TryMap();
    map.do("ada", { type: "import", features: FEATURES });
    const text = JSON.stringify(toGeoJson(map.state));
    const read = readGeoJson(JSON.parse(text));
    expect(read).toEqual({ features: FEATURES, skipped: 0 });
    const copy = new TryMap();
    copy.do("ada", { type: "import", features: (read as { features: unknown }).features });
    expect(JSON.stringify(toGeoJson(copy.state))).toBe(text);
  });

  test("M14 rings are turned as RFC 7946 has them, also across longitude 180, and come back the same from then on", () => {
    const ring = (west: number, south: number, size: number): [number, number][] =>
      [
        [west, south],
        [west + size, south],
        [west + size, south + size],
        [west, south],
      ].map(([lng = 0, lat = 0]) => [lng > 180 ? lng - 360 : lng, lat]);
    for (const west of [10, 178, -180]) {
      const right = [ring(west, 5, 4), ring(west + 2, 6, 1).toReversed()];
      for (const coordinates of [right, right.map((each) => each.toReversed())]) {
        const map = new TryMap();
        map.do("ada", { type: "import", features: [{ id: "a", geometry: { type: "Polygon", coordinates } }] });
        const exported = toGeoJson(map.state);
        expect(exported).toMatchObject({ features: [{ geometry: { coordinates: right } }] });
        expect(readGeoJson(exported)).toMatchObject({ features: [{ geometry: { coordinates: right } }] });
      }
    }
  });

  test("M14 in the order in which it was made, whatever the buckets", () => {
    const map = new TryMap();
    for (const id of ["z", "m", "a"])
      map.do("ada", { type: "addFeature", id, feature: FEATURES[2] && { geometry: FEATURES[2].geometry } });
    const { features } = toGeoJson(map.state) as unknown as { features: { id: string; properties: object }[] };
    expect(features.map(({ id }) => id)).toEqual(["z", "m", "a"]);
    expect(features[0]?.properties).toEqual({ made: { by: "ada", at: 1_000 } });
  });

  test("M14 other programs' names, and what is left becomes metadata", () => {
    expect(
      fields(
        feature({
          name: "N",
          description: "D",
          "marker-color": "#F80",
          "marker-symbol": "cafe",
          "stroke-width": 2,
          x: null,
        }),
      ),
    ).toEqual([{ title: "N", note: "D", color: "#ff8800", icon: "cafe", metadata: { "stroke-width": 2 } }]);
    expect(fields(feature({ title: 7, color: "red", made: "by hand", metadata: { a: 1 } }))).toEqual([
      { title: "7", metadata: { a: 1, color: "red", made: "by hand" } },
    ]);
    expect(fields(feature(JSON.parse('{"__proto__":{"x":1}}')))).toEqual([
      { metadata: JSON.parse('{"__proto__":{"x":1}}') as unknown },
    ]);
    expect(fields(feature(null))).toEqual([{}]);
  });

  test("M14 a feature and a bare geometry, parts of many, heights", () => {
    const many = {
      type: "GeometryCollection",
      geometries: [
        {
          type: "MultiPoint",
          coordinates: [
            [1, 2, 30],
            [3, 4],
          ],
        },
        {
          type: "MultiLineString",
          coordinates: [
            [
              [0, 0],
              [1, 1],
            ],
          ],
        },
        {
          type: "MultiPolygon",
          coordinates: [
            [
              [
                [0, 0],
                [1, 0],
                [1, 1],
                [0, 0],
              ],
            ],
          ],
        },
      ],
    };
    const read = readGeoJson(many) as ReadFile;
    expect(read.features.map(({ geometry }) => geometry)).toEqual([
      { type: "Point", coordinates: [1, 2] },
      { type: "Point", coordinates: [3, 4] },
      {
        type: "LineString",
        coordinates: [
          [0, 0],
          [1, 1],
        ],
      },
      {
        type: "Polygon",
        coordinates: [
          [
            [0, 0],
            [1, 0],
            [1, 1],
            [0, 0],
          ],
        ],
      },
    ]);
    expect(readGeoJson({ type: "Feature", id: "x y", geometry: null, properties: {} })).toEqual({
      features: [],
      skipped: 1,
    });
    expect(readGeoJson({ type: "Feature", id: 7, geometry: point, properties: {} })).toMatchObject({
      features: [{ geometry: point }],
    });
  });

  test("M14 longitudes beyond 180 are wrapped", () => {
    const line = [
      [170, 1],
      [190, 2],
      [-541, 3],
    ];
    expect(readGeoJson({ type: "LineString", coordinates: line })).toMatchObject({
      features: [
        {
          geometry: {
            coordinates: [
              [170, 1],
              [-170, 2],
              [179, 3],
            ],
          },
        },
      ],
    });
  });

  const collection = (...features: unknown[]): unknown => ({ type: "FeatureCollection", features });
  test.each<[string, unknown, string]>([
    ["no object", [], ""],
    ["no GeoJSON", { features: [] }, "/type"],
    ["no list", { type: "FeatureCollection" }, "/features"],
    ["no feature", collection(feature({}), point), "/features/1/type"],
    ["no geometry", collection({ type: "Feature", properties: {} }), "/features/0/geometry"],
    ["a geometry of no type", collection(feature({}, { type: "Circle" })), "/features/0/geometry/type"],
    [
      "a longitude",
      collection(feature({}), feature({}, { type: "Point", coordinates: [36_001, 0] })),
      "/features/1/geometry/coordinates/0",
    ],
    [
      "a latitude in a bare line",
      {
        type: "LineString",
        coordinates: [
          [0, 0],
          [0, 91],
        ],
      },
      "/coordinates/1/1",
    ],
    [
      "a position",
      collection(feature({}, { type: "LineString", coordinates: [[0, 0], 5] })),
      "/features/0/geometry/coordinates/1",
    ],
    ["a line of one", feature({}, { type: "LineString", coordinates: [[0, 0]] }), "/geometry/coordinates"],
    [
      "an open ring",
      feature(
        {},
        {
          type: "Polygon",
          coordinates: [
            [
              [0, 0],
              [1, 0],
              [1, 1],
              [0, 1],
            ],
          ],
        },
      ),
      "/geometry/coordinates/0/3",
    ],
    ["properties", feature("text"), "/properties"],
    [
      "a part of a part",
      {
        type: "GeometryCollection",
        geometries: [
          point,
          {
            type: "MultiPoint",
            coordinates: [
              [0, 0],
              ["a", 0],
            ],
          },
        ],
      },
      "/geometries/1/coordinates/1/0",
    ],
  ])("M15 %s is a fault with its place", (_title, value, path) => {
    expect(readGeoJson(value)).toMatchObject({ path, message: expect.stringMatching(/.{8}/) as string });
  });

  test("M15 collections in collections without end", () => {
    let value: unknown = point;
    for (let n = 0; n < 5_000; n += 1) value = { type: "GeometryCollection", geometries: [value] };
    expect(readGeoJson(value)).toBeInstanceOf(FileFault);
  });
});
