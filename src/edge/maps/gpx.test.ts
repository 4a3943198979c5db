import { describe, expect, test } from "vitest";
import { TryMap } from "../../kinds/map/try-map.ts";
import type { ImportedFeature } from "../../kinds/map/types.ts";
import { readGpx, type ReadGpx } from "./gpx-read.ts";
import { toGpx } from "./gpx-write.ts";
import { jsonPlace } from "./json-place.ts";

const FEATURES: readonly ImportedFeature[] = [
  {
    id: "a",
    geometry: { type: "Point", coordinates: [-180, 90] },
    title: `A & <B> ]]> "é" \r\n\u{1F41D}`,
    note: "  two\n  lines ",
    color: "#aa0000",
    icon: "star",
    metadata: { "<k>": "&amp;", n: 1.5, list: [null] },
  },
  {
    id: "b",
    geometry: {
      type: "LineString",
      coordinates: [
        [1e-9, -1e-7],
        [180, 1],
      ],
    },
    title: "R",
    icon: "walk",
  },
];

function mapOf(features: readonly ImportedFeature[]): TryMap {
  const map = new TryMap();
  map.do("ada", { type: "import", features });
  return map;
}

const file = (inner: string): string =>
  `<?xml version="1.0"?>\n<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">\n${inner}\n</gpx>`;

describe("GPX", () => {
  test("M14 pins and routes come back the same; areas are left out", () => {
    const area = {
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
    } as const;
    const text = toGpx(mapOf([...FEATURES, area]).state);
    expect(readGpx(text)).toEqual({ features: FEATURES, skipped: 0 });
    expect(toGpx(mapOf((readGpx(text) as ReadGpx).features).state)).toBe(text);
  });

  test("M14 what XML cannot say is left out", () => {
    const [, wild] = [
      0,
      mapOf([{ id: "a", geometry: { type: "Point", coordinates: [0, 0] }, title: "a\u0000\u000b\ud800b" }]),
    ];
    expect(readGpx(toGpx(wild.state))).toMatchObject({ features: [{ title: "ab" }] });
  });

  test("M14 other programs' files: tracks by segment, comments, symbols, colors, heights", () => {
    const text = file(`
      <metadata><name>Not a title</name></metadata>
      <wpt lat="1.5" lon="+2."><ele>7</ele><name><![CDATA[<Camp>]]></name><cmt>C</cmt><sym>Camp</sym><link href="x"><text>t</text></link></wpt>
      <trk><name>T</name><desc>D</desc><extensions><x:color xmlns:x="urn:x">#FF8800aa</x:color></extensions>
        <trkseg><trkpt lat="0" lon="0"><ele>1</ele><name>P</name></trkpt><trkpt lat="1" lon="1"/></trkseg>
        <trkseg><trkpt lat="2" lon="2"/></trkseg>
        <trkseg><trkpt lat="3" lon="3"/><trkpt lat="4" lon="4"/></trkseg></trk>`);
    expect(readGpx(text)).toEqual({
      features: [
        { geometry: { type: "Point", coordinates: [2, 1.5] }, title: "<Camp>", note: "C", icon: "camp" },
        {
          geometry: {
            type: "LineString",
            coordinates: [
              [0, 0],
              [1, 1],
            ],
          },
          title: "T",
          note: "D",
          color: "#ff8800",
        },
        {
          geometry: {
            type: "LineString",
            coordinates: [
              [3, 3],
              [4, 4],
            ],
          },
          title: "T",
          note: "D",
          color: "#ff8800",
        },
      ],
      skipped: 1,
    });
  });

  test("M14 elements of other namespaces, and those in extensions, are no points of the file", () => {
    const foreign = '<x:wpt xmlns:x="urn:x" lat="8" lon="8"><x:name>no</x:name></x:wpt>';
    const text = file(`
      ${foreign}
      <extensions><wpt lat="9" lon="9"/>${foreign}</extensions>
      <wpt lat="1" lon="2"><x:name xmlns:x="urn:x">no</x:name><name>yes</name><extensions>${foreign}</extensions></wpt>
      <trk><trkseg><trkpt lat="0" lon="0"><extensions><y:trkpt xmlns:y="urn:y" lat="7" lon="7"/></extensions></trkpt>
        <trkpt lat="1" lon="1"/></trkseg></trk>`);
    expect(readGpx(text)).toMatchObject({
      features: [
        { title: "yes", geometry: { coordinates: [2, 1] } },
        {
          geometry: {
            coordinates: [
              [0, 0],
              [1, 1],
            ],
          },
        },
      ],
    });
    // GPX without a namespace, as some write it.
    expect(readGpx('<gpx><wpt lat="1" lon="2"/></gpx>')).toMatchObject({ features: [{}] });
  });

  test.each<[string, string, number, RegExp]>([
    ["nothing", "", 1, /root|document/i],
    ["another root", "<kml></kml>", 1, /gpx/],
    ["an element that is open", file('<wpt lat="1" lon="2">'), 4, /./],
    ["a latitude", file('<wpt lat="1" lon="2"/>\n<wpt lat="91" lon="2"/>'), 4, /latitude/],
    ["no longitude", file('<wpt lat="1"/>'), 3, /lon/],
    ["text as a latitude", file('<wpt lat="one" lon="2"/>'), 3, /degrees/],
    ["an exponent", file('<wpt lat="1e400" lon="2"/>'), 3, /degrees/],
    ["an entity", file('<wpt lat="1" lon="2"><name>&nbsp;</name></wpt>'), 3, /entity/],
    ["a prefix of no namespace", file("<a:b/>"), 3, /./],
    [
      "metadata",
      file(
        '<wpt lat="1" lon="2">\n<extensions><m:metadata xmlns:m="urn:roomcast:map:1">[]</m:metadata></extensions></wpt>',
      ),
      4,
      /object/,
    ],
    [
      "metadata that is too deep",
      file(
        `<wpt lat="1" lon="2"><extensions><m:metadata xmlns:m="urn:roomcast:map:1">${'{"a":'.repeat(70)}1${"}".repeat(70)}</m:metadata></extensions></wpt>`,
      ),
      3,
      /64 deep/,
    ],
    ["elements without end", file("<a>".repeat(100_000)), 3, /deep/],
  ])("M15 %s is a fault with its place", (_title, text, line, message) => {
    expect(readGpx(text)).toMatchObject({ line, message: expect.stringMatching(message) as string });
  });

  test("M15 no entity of the file's own is expanded, and nothing outside is read", () => {
    const lines = Array.from({ length: 10 }, (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`).join("");
    for (const entity of [`<!ENTITY e0 "ha">${lines}`, '<!ENTITY e10 SYSTEM "file:///etc/passwd">']) {
      const text = `<!DOCTYPE gpx [${entity}]>\n<gpx><wpt lat="1" lon="2"><name>&e10;</name></wpt></gpx>`;
      expect(readGpx(text)).toMatchObject({ line: 2, message: expect.stringMatching(/entity/) as string });
    }
  });
});

describe("where a text stops being JSON", () => {
  test.each<[string, string, number, number]>([
    ["nothing", "", 1, 1],
    ["only blanks", " \n ", 2, 2],
    ["the end too early", '{"a": [1, 2', 1, 12],
    ["a comma before the end", '{"a": 1,\n}', 2, 1],
    ["two commas", "[1,,2]", 1, 4],
    ["no colon", '{"a" 1}', 1, 6],
    ["no quotes", "{\n  a: 1}", 2, 3],
    ["a number that is none", "[01]", 1, 3],
    ["a string over lines", '["a\nb"]', 1, 2],
    ["the other bracket", '{"a": [1}]', 1, 9],
    ["two values", "{} {}", 1, 4],
    ["a word", "[true, nul]", 1, 8],
    ["a key that is no text", "{1: 2}", 1, 2],
    ["a depth that no stack has", "[".repeat(200_000), 1, 200_001],
  ])("M15 %s", (_title, text, line, column) => {
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
    expect(jsonPlace(text)).toEqual({ line, column });
  });
});
