import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { distance, dot, greatCircle, lengthOf, toVector } from "./geo.ts";
import { facesOf } from "./hull.ts";
import { meetingPoint } from "./meeting.ts";
import type { LngLat } from "./types.ts";

const PARIS: LngLat = [2.3522, 48.8566];
const LONDON: LngLat = [-0.1276, 51.5072];
const BERLIN: LngLat = [13.405, 52.52];

const furthest = (places: readonly LngLat[], point: LngLat): number =>
  Math.max(...places.map((place) => distance(place, point)));

describe("distances", () => {
  test("are those of the sphere", () => {
    expect(distance(PARIS, LONDON) / 1000).toBeCloseTo(343.6, 0);
    expect(distance([0, 90], [0, -90]) / 1000).toBeCloseTo(20_015.1, 0);
    expect(distance([179.999, 0], [-179.999, 0])).toBeCloseTo(222.4, 0);
    expect(distance(PARIS, PARIS)).toBe(0);
    expect(distance([0, 0], [0.000_001, 0])).toBeCloseTo(0.111, 2);
    expect(
      lengthOf([
        [0, 0],
        [1, 0],
        [1, 1],
      ]) / 1000,
    ).toBeCloseTo(222.4, 0);
  });

  test("a great circle is as long as its ends are apart, and does not jump at the antimeridian", () => {
    for (const [from, to] of [
      [PARIS, [-74, 40.7]],
      [
        [170, -40],
        [-120, 37],
      ],
      [PARIS, PARIS],
    ] as [LngLat, LngLat][]) {
      const line = greatCircle(from, to);
      expect(lengthOf(line)).toBeCloseTo(distance(from, to), 0);
      for (const [at, [lng]] of line.entries()) expect(Math.abs(lng - (line[at - 1]?.[0] ?? lng))).toBeLessThan(180);
    }
  });
});

describe("the meeting point", () => {
  test("M12 of nobody is none, of one is there, of two is half way", () => {
    expect(meetingPoint([])).toBeUndefined();
    expect(meetingPoint([PARIS])).toEqual(PARIS);
    const middle = meetingPoint([PARIS, LONDON]) as LngLat;
    expect(distance(PARIS, middle)).toBeCloseTo(distance(LONDON, middle), 0);
    expect(distance(PARIS, middle) * 2).toBeCloseTo(distance(PARIS, LONDON), 0);
  });

  test("M12 of three that need it is as far from each, however many stand near one", () => {
    const place = meetingPoint([PARIS, LONDON, BERLIN, PARIS, [2.36, 48.86]]) as LngLat;
    const ways = [PARIS, LONDON, BERLIN].map((from) => distance(from, place));
    expect(Math.max(...ways)).toBeLessThan(distance(LONDON, BERLIN));
    expect(ways.filter((way) => Math.abs(way - Math.max(...ways)) < 1).length).toBeGreaterThanOrEqual(2);
  });

  test("M12 across the antimeridian and over the pole", () => {
    expect(
      meetingPoint([
        [179, 10],
        [-179, 10],
      ])?.[1],
    ).toBeCloseTo(10, 1);
    expect(
      Math.abs(
        meetingPoint([
          [179, 10],
          [-179, 10],
        ])?.[0] ?? 0,
      ),
    ).toBeCloseTo(180, 5);
    expect(
      meetingPoint([
        [0, 80],
        [180, 80],
      ])?.[1],
    ).toBeCloseTo(90, 5);
  });

  test("M12 of people all around the earth is one of the best there are", () => {
    const around: LngLat[] = [
      [0, 0],
      [120, 0],
      [-120, 0],
      [0, 90],
      [0, -90],
    ];
    expect(furthest(around, meetingPoint(around) as LngLat) / 1000).toBeLessThan(15_100);
  });

  test.each<[string, LngLat[], number]>([
    [
      "opposite places",
      [
        [0, 0],
        [180, 0],
      ],
      90,
    ],
    [
      "the poles",
      [
        [0, 90],
        [0, -90],
        [77, 90],
      ],
      90,
    ],
    [
      "opposite places and one beside",
      [
        [0, 0],
        [180, 0],
        [90, 10],
      ],
      90,
    ],
    [
      "the corners of a square around the earth",
      [
        [0, 0],
        [90, 0],
        [180, 0],
        [-90, 0],
      ],
      90,
    ],
    [
      "those and the poles",
      [
        [0, 0],
        [90, 0],
        [180, 0],
        [-90, 0],
        [0, 90],
        [0, -90],
      ],
      125.264,
    ],
  ])("M12 of %s it is as near as can be", (_title, places, degrees) => {
    expect(furthest(places, meetingPoint(places) as LngLat) / 111_195.08).toBeCloseTo(degrees, 2);
  });

  test("M12 wherever on the earth they are, no place of a grid is better", () => {
    const grid: LngLat[] = [];
    for (let lat = -90; lat <= 90; lat += 5) for (let lng = -180; lng < 180; lng += 5) grid.push([lng, lat]);
    const anywhere = fc.tuple(
      fc.oneof(
        fc.integer({ min: -4, max: 4 }).map((n) => n * 45),
        fc.double({ min: -180, max: 180, noNaN: true }),
      ),
      fc.oneof(
        fc.integer({ min: -2, max: 2 }).map((n) => n * 45),
        fc.double({ min: -90, max: 90, noNaN: true }),
      ),
    );
    fc.assert(
      fc.property(fc.array(anywhere, { minLength: 1, maxLength: 14 }), (places) => {
        const least = furthest(places, meetingPoint(places) as LngLat);
        const vectors = places.map(toVector);
        // Of the cosines the least is the greatest distance.
        const best = Math.max(...grid.map((at) => Math.min(...vectors.map((place) => dot(place, toVector(at))))));
        expect(least).toBeLessThanOrEqual(Math.acos(Math.max(-1, Math.min(1, best))) * 6_371_008.8 + 1);
      }),
      { numRuns: 100 },
    );
  });

  test("M12 no other place is better for who has it furthest", () => {
    const near = fc.tuple(fc.double({ min: -20, max: 40, noNaN: true }), fc.double({ min: -60, max: 60, noNaN: true }));
    fc.assert(
      fc.property(
        fc.array(near, { minLength: 1, maxLength: 12 }),
        fc.array(near, { minLength: 20, maxLength: 20 }),
        (places, others) => {
          const point = meetingPoint(places) as LngLat;
          const least = furthest(places, point);
          for (const other of others) expect(furthest(places, other)).toBeGreaterThanOrEqual(least - 0.5);
          for (const [dx, dy] of [
            [0.01, 0],
            [-0.01, 0],
            [0, 0.01],
            [0, -0.01],
          ] as const) {
            expect(furthest(places, [point[0] + dx, point[1] + dy])).toBeGreaterThanOrEqual(least - 0.5);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  test("M12 of 200 takes no time to speak of, wherever they stand", () => {
    const crowd = Array.from({ length: 200 }, (_, n): LngLat => [Math.cos(n) * (n / 10), Math.sin(n) * (n / 10)]);
    const point = meetingPoint(crowd) as LngLat;
    expect(furthest(crowd, point)).toBeLessThan(20 * 112_000);
    // Turned by the golden angle, from pole to pole: the hull has as many faces as it can.
    const everywhere = Array.from({ length: 200 }, (_, n): LngLat => {
      const lng = (n * 137.507_764) % 360;
      return [lng > 180 ? lng - 360 : lng, (Math.asin(1 - (2 * n + 1) / 200) * 180) / Math.PI];
    });
    const faces = facesOf(everywhere.map(toVector)).length;
    expect(faces).toBe(2 * (2 * 200 - 4));
    expect(furthest(everywhere, meetingPoint(everywhere) as LngLat)).toBeLessThan(173 * 111_195);
  });
});
