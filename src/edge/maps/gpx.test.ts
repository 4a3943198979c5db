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
        {
          geometry: { type: "Point", coordinates: [2, 1.5] },
          title: "<Camp>",
          note: "C",
          icon: "camp",
          metadata: { link: { href: "x", text: "t" }, sym: "Camp" },
        },
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

  const POINTS = [...Array(14_400).keys()].map((n) => [n / 100, (n % 90) + 0.5] as const);

  test("M14 what GPX says of way points, routes and tracks is kept, and goes out again in its own elements", () => {
    const text = file(`
      <wpt lat="1" lon="2"><time>2024-05-01T06:00:00Z</time><name>Camp</name><cmt>C</cmt><desc>D</desc><src>survey</src>
        <link href="https://a.example/?a=1&amp;b=&quot;2&quot;"/><link href="https://b.example"><text>B &amp; B</text><type>text/html</type></link>
        <sym>Flag, Blue</sym><type>Summit</type></wpt>
      <rte><name>Tour</name><src>map</src><link href="https://c.example"/><number>3</number><type>hike</type>
        <rtept lat="0" lon="0"><name>Start</name></rtept><rtept lat="1" lon="1"/>
        <rtept lat="0" lon="0"><name>Back</name></rtept></rte>
      <trk><name>Run</name><number>4</number><type>run</type>
        <trkseg><trkpt lat="2" lon="2"><time>2024-05-01T07:00:00Z</time></trkpt><trkpt lat="3" lon="3"/></trkseg></trk>`);
    const read = readGpx(text) as ReadGpx;
    expect(read.features.map(({ metadata }) => metadata)).toEqual([
      {
        time: "2024-05-01T06:00:00Z",
        cmt: "C",
        src: "survey",
        link: ['https://a.example/?a=1&b="2"', { href: "https://b.example", text: "B & B", type: "text/html" }],
        sym: "Flag, Blue",
        type: "Summit",
      },
      {
        src: "map",
        link: "https://c.example",
        number: 3,
        type: "hike",
        points: [
          { name: "Start", at: [0, 0] },
          { name: "Back", at: [0, 0] },
        ],
      },
      { time: "2024-05-01T07:00:00Z", number: 4, type: "run" },
    ]);
    const exported = toGpx(mapOf(read.features).state);
    for (const element of [
      "<time>2024-05-01T06:00:00Z</time>",
      "<cmt>C</cmt>",
      "<src>survey</src>",
      '<link href="https://c.example"/>',
      "<sym>Flag, Blue</sym>",
      "<type>Summit</type>",
      "<number>3</number>",
      '<rtept lat="0" lon="0"><name>Start</name></rtept>',
      '<rtept lat="0" lon="0"><name>Back</name></rtept>',
    ]) {
      expect(exported).toContain(element);
    }
    const again = (readGpx(exported) as ReadGpx).features.map(({ id: _id, ...feature }) => feature);
    expect(again).toEqual(read.features);
  });

  test("M14 metadata that only looks like GPX's comes back the same", () => {
    const at = { type: "Point", coordinates: [0, 0] } as const;
    const line = {
      type: "LineString",
      coordinates: [
        [0, 0],
        [1, 1],
      ],
    } as const;
    const features: ImportedFeature[] = [
      { id: "a", geometry: at, icon: "star", metadata: { sym: "Camp", time: "noon", type: 7, link: { url: "x" } } },
      { id: "b", geometry: at, icon: "star", metadata: { sym: "star", cmt: "no note", src: " blank ", number: 5 } },
      { id: "c", geometry: at, note: "N", metadata: { cmt: "N", type: "a\u0000b", link: ["x"], points: [] } },
      { id: "d", geometry: line, metadata: { number: -1, points: [{ name: "gone", at: [5, 5] }], link: [] } },
      { id: "e", geometry: line, metadata: { sym: "x", time: "2024-05-01T06:00:00Z", points: [{ name: "y" }] } },
    ];
    expect(readGpx(toGpx(mapOf(features).state))).toEqual({ features, skipped: 0 });
  });

  test("M14 GPX 1.0: an address and its name", () => {
    const text = '<gpx><wpt lat="1" lon="2"><url>https://a.example</url><urlname>A</urlname></wpt></gpx>';
    expect(readGpx(text)).toMatchObject({
      features: [{ metadata: { link: { href: "https://a.example", text: "A" } } }],
    });
  });

  test("M23 a track over the limit becomes lines that join, in every point the same", () => {
    const points = POINTS.map(([lng, lat]) => `<trkpt lat="${lat}" lon="${lng}"/>`).join("");
    const read = readGpx(file(`<trk><name>Long</name><trkseg>${points}</trkseg></trk>`)) as ReadGpx;
    const lines = read.features.map(({ geometry }) => geometry.coordinates as readonly (readonly number[])[]);
    expect(lines.map((line) => line.length)).toEqual([10_000, 4_401]);
    expect(lines[1]?.[0]).toEqual(lines[0]?.at(-1));
    expect(lines.flatMap((line, index) => line.slice(index === 0 ? 0 : 1))).toEqual(POINTS);
    expect(read.features.map(({ title }) => title)).toEqual(["Long", "Long"]);
    expect(read.changes).toEqual([
      {
        message:
          '<trk> "Long" has 14400 positions, and one feature may have 10000: it was split into 2 lines that join.',
        line: 3,
      },
    ]);
    expect(mapOf(read.features).state.size.features).toBe(2);
  });

  test("M23 texts over their limits are cut, and each is listed by its element and line", () => {
    const read = readGpx(
      file(`<wpt lat="1" lon="2"><name>${"n".repeat(250)}</name><cmt>${"c".repeat(5_000)}</cmt></wpt>
        <wpt lat="1" lon="2"><name>B</name><desc>${"d".repeat(4_001)}</desc><src>${"s".repeat(5_000)}</src></wpt>`),
    ) as ReadGpx;
    expect(read.features).toMatchObject([
      { title: "n".repeat(200), note: "c".repeat(4_000) },
      { title: "B", note: "d".repeat(4_000) },
    ]);
    expect(read.features[1]).not.toHaveProperty("metadata");
    const name = `<wpt> "${"n".repeat(40)}…"`;
    expect(read.changes).toEqual([
      { message: `<name> of ${name} has 250 characters; the first 200 were kept.`, line: 3 },
      { message: `<cmt> of ${name} has 5000 characters; the first 4000 were kept.`, line: 3 },
      {
        message:
          '<src> of <wpt> "B" was left out: it does not fit the 4096 bytes of metadata that one feature may have.',
        line: 4,
      },
      { message: '<desc> of <wpt> "B" has 4001 characters; the first 4000 were kept.', line: 4 },
    ]);
  });

  test("M23 the times of a track's points are left out, and the answer says so", () => {
    const point = (n: number): string => `<trkpt lat="${n}" lon="0"><time>2024-05-01T07:00:0${n}Z</time></trkpt>`;
    const read = readGpx(file(`<trk><trkseg>${point(1)}${point(2)}${point(3)}</trkseg></trk>`)) as ReadGpx;
    expect(read.features).toMatchObject([{ metadata: { time: "2024-05-01T07:00:01Z" } }]);
    expect(read.changes).toEqual([
      { message: "<time> of 2 points was left out: a line has the time of its first point." },
    ]);
  });

  test.each([
    ["-2e-7", -2e-7],
    ["1.5E+1", 15],
    ["2e1", 20],
    ["190", -170],
  ])("M14 lon=%j is %d degrees", (lon, lng) => {
    expect(readGpx(file(`<wpt lat="-3e-9" lon="${lon}"/>`))).toMatchObject({
      features: [{ geometry: { coordinates: [lng, -3e-9] } }],
    });
  });

  test("M14 a prefix that is not declared is let through in extensions and attributes, and nowhere else", () => {
    const extensions = "<extensions><gpxtpx:hr a:b='1'>7</gpxtpx:hr><y:wpt lat='8' lon='8'><z:a/></y:wpt></extensions>";
    const track = `<trk>${extensions}<trkseg><trkpt lat="0" lon="0">${extensions}</trkpt><trkpt lat="1" lon="1"/></trkseg></trk>`;
    expect(readGpx(`<gpx xsi:schemaLocation="a b">${track}<wpt x:y="" lat="1" lon="2"/></gpx>`)).toMatchObject({
      features: [{ geometry: { type: "LineString" } }, { geometry: { coordinates: [2, 1] } }],
    });
    expect(readGpx(`<gpx><wpt lat="1" lon="2">\n<x:name>A</x:name></wpt></gpx>`)).toMatchObject({
      line: 2,
      message: 'unbound namespace prefix: "x"',
    });
  });

  test("M14 space before the XML declaration is skipped, and faults keep their lines and columns", () => {
    const text = '\n \ufeff<?xml version="1.0"?><gpx><wpt lat="1" lon="2"/></gpx>';
    expect(readGpx(text)).toMatchObject({ features: [{}] });
    expect(readGpx(`\n\n  ${file('<wpt lat="91" lon="2"/>')}`)).toMatchObject({ line: 5 });
    expect(readGpx("\n  <kml/>")).toMatchObject({ line: 2, column: 9 });
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
