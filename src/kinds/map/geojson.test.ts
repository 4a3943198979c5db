import { describe, expect, test } from "vitest";
import { FileFault, readGeoJson, toGeoJson, type ReadFile } from "./geojson.ts";
import { MAP_LIMITS } from "./limits.ts";
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

  const RING = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 0],
  ];
  test.each<[string, unknown]>([
    ["a point", { type: "Point", coordinates: [] }],
    ["a point of nulls", { type: "Point", coordinates: [null, null] }],
    ["a point without coordinates", { type: "Point", coordinates: null }],
    ["a line", { type: "LineString", coordinates: [] }],
    ["an area", { type: "Polygon", coordinates: [] }],
    ["an area of empty rings", { type: "Polygon", coordinates: [[], []] }],
    ["points", { type: "MultiPoint", coordinates: [] }],
    ["lines", { type: "MultiLineString", coordinates: [[]] }],
    ["areas", { type: "MultiPolygon", coordinates: [[[]], []] }],
    ["a collection", { type: "GeometryCollection", geometries: [] }],
    ["a collection of empty ones", { type: "GeometryCollection", geometries: [{ type: "Point", coordinates: [] }] }],
  ])("M14 an empty geometry is skipped, and the others are kept: %s", (_title, geometry) => {
    const features = [feature({}, geometry), feature({ title: "T" })];
    expect(readGeoJson({ type: "FeatureCollection", features })).toEqual({
      features: [{ geometry: point, title: "T" }],
      skipped: 1,
    });
  });

  test("M14 the empty parts of a geometry are skipped, and the others are kept", () => {
    const parts = { type: "MultiPolygon", coordinates: [[], [RING], [[]]] };
    expect(readGeoJson(parts)).toEqual({
      features: [{ geometry: { type: "Polygon", coordinates: [RING] } }],
      skipped: 0,
    });
  });

  test("M23 large metadata is left out member by member, the largest first, and listed by its place", () => {
    const coordTimes = Array.from({ length: 300 }, () => "2024-05-01T07:00:00Z");
    const more = { list: "x".repeat(3_000), small: 1 };
    const deep = JSON.parse(`${'{"a":'.repeat(8)}1${"}".repeat(8)}`) as unknown;
    const read = readGeoJson({
      type: "FeatureCollection",
      features: [
        feature({}),
        feature({ name: "N", coordTimes, ...more, deep, metadata: { notes: "y".repeat(2_000) } }),
      ],
    });
    expect(read).toMatchObject({
      features: [{}, { title: "N", metadata: { notes: "y".repeat(2_000), small: 1 } }],
      changes: [
        {
          path: "/features/1/properties/coordTimes",
          message: expect.stringMatching(/^"coordTimes".*4096 bytes/) as string,
        },
        { path: "/features/1/properties/list" },
        { path: "/features/1/properties/deep", message: expect.stringMatching(/8 levels/) as string },
      ],
    });
    const map = new TryMap();
    expect(map.do("ada", { type: "import", features: (read as ReadFile).features })).toHaveLength(1);
    const exact = { a: "é".repeat((4_096 - '{"a":""}'.length) / 2) };
    expect(readGeoJson(feature(exact))).toMatchObject({ features: [{ metadata: exact }] });
    expect(readGeoJson(feature(exact))).not.toHaveProperty("changes");
    expect(readGeoJson(feature({ a: `${exact.a}x` }))).toMatchObject({ changes: [{ path: "/properties/a" }] });
  });

  test("M23 texts are cut by the names that the file has for them, never inside a character", () => {
    const read = readGeoJson(feature({ name: "x".repeat(201), desc: `${"y".repeat(3_999)}🐝` }));
    expect(read).toMatchObject({
      features: [{ title: "x".repeat(200), note: "y".repeat(3_999) }],
      changes: [{ path: "/properties/name" }, { path: "/properties/desc" }],
    });
    expect(readGeoJson(feature({ title: "x".repeat(201), note: "n" }))).toMatchObject({
      changes: [{ path: "/properties/title", message: '"title" has 201 characters; the first 200 were kept.' }],
    });
  });

  test("M23 a line over the limit is split, an area is simplified, each to what a map takes", () => {
    const circle = Array.from({ length: 12_001 }, (_, n): [number, number] => [
      Math.cos(((n % 12_000) * Math.PI) / 6_000),
      Math.sin(((n % 12_000) * Math.PI) / 6_000),
    ]);
    const read = readGeoJson({
      type: "GeometryCollection",
      geometries: [
        { type: "LineString", coordinates: circle },
        { type: "Polygon", coordinates: [circle, RING] },
      ],
    }) as ReadFile;
    const [first = [], second = [], area = []] = read.features.map(
      ({ geometry }): readonly unknown[] => geometry.coordinates,
    );
    expect(first).toHaveLength(10_000);
    expect(second[0]).toEqual(first.at(-1));
    const [outer, hole] = area as (readonly unknown[])[];
    expect(outer?.[0]).toEqual(outer?.at(-1));
    expect(outer?.length).toBeGreaterThan(1_000);
    expect(hole).toEqual(RING);
    expect(read.changes).toHaveLength(2);
    const map = new TryMap();
    expect(map.do("ada", { type: "import", features: read.features })).toHaveLength(1);
  });

  test("M23 a map's own limits count, and of very many changes the first 100 are listed", () => {
    const limits = { ...MAP_LIMITS, title: 3 };
    const features = Array.from({ length: 150 }, () => feature({ title: "long" }));
    const read = readGeoJson({ type: "FeatureCollection", features }, limits) as ReadFile;
    expect(read.features.every(({ title }) => title === "lon")).toBe(true);
    expect([read.changes?.length, read.moreChanges]).toEqual([100, 50]);
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
