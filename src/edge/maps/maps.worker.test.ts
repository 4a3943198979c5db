import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { Peer } from "../../../test/engine/peer.ts";
import { sleep } from "../../../test/engine/sleep.ts";
import { edge, json, refusal, versionOf } from "../../../test/worker/edge.ts";
import { deny } from "../deny.ts";

const { fetch } = edge({ maps: (bindings) => bindings.MAPS });

const point = (lng: number, lat: number) => ({ geometry: { type: "Point", coordinates: [lng, lat] } });
const mutate = async (id: string, ...intents: readonly unknown[]): Promise<string> =>
  versionOf(await fetch(`/map/${id}`, json("POST", { intents })));
const file = (type: string, body: BodyInit): RequestInit => ({
  method: "POST",
  body,
  headers: { "content-type": type },
});
const geojson = (value: unknown): RequestInit => file("application/geo+json", JSON.stringify(value));

/** What the answer to a bad file says. */
async function fault(response: Response): Promise<object> {
  const { error } = await response.json<{ readonly error: object }>();
  return { status: response.status, ...error };
}

describe("a map over HTTP", () => {
  test("M18 its features by id, whatever the room keeps them in; a page view is the page's", async () => {
    expect(await (await fetch("/map/http")).json()).toEqual({
      features: {},
      size: { features: 0, vertices: 0, bytes: 0 },
    });
    expect(
      (await fetch("/map/http", { ...json("POST", { intents: [{ type: "setPin", at: [0, 0] }] }), method: "POST" }))
        .status,
    ).toBe(200);
    const version = await mutate("http", { type: "addFeature", id: "__proto__", feature: point(1, 2) });
    const response = await fetch("/map/http");
    expect(response.headers.get("etag")).toBe(`"${version}"`);
    const text = await response.text();
    expect(
      Object.keys((JSON.parse(text) as { features: object }).features).toSorted((a, b) => (a < b ? -1 : 1)),
    ).toEqual(["__proto__", "pin"]);
    expect((await fetch("/map/http", { headers: { "if-none-match": `"${version}"` } })).status).toBe(304);
    // The Worker of this test has no page.
    const view = await fetch("/map/http", { headers: { accept: "text/html,application/xhtml+xml,*/*;q=0.8" } });
    expect(await refusal(view)).toBe("404 not_found");
  });

  test("M18 everything that a room has, below it", async () => {
    await mutate("all", { type: "setPin", at: [1, 2] });
    await sleep(env.MAPS.getByName("all"));
    expect(await (await fetch("/map/all/history")).json()).toMatchObject({
      runs: [{ entries: [{ ops: [{ type: "put", id: "pin" }] }] }],
    });
    expect((await fetch("/map/all/versions", json("POST", { name: "v" }))).status).toBe(201);
    expect(await (await fetch("/map/all/versions/v")).json()).toMatchObject({ features: { pin: point(1, 2) } });
    await versionOf(await fetch("/map/all", { method: "DELETE" }));
    await versionOf(await fetch("/map/all/versions/v/restore", { method: "POST" }));
    expect(await (await fetch("/map/all")).json()).toMatchObject({ features: { pin: point(1, 2) } });
    expect((await fetch("/map/all/presence")).status).toBe(200);
  });
});

describe("files", () => {
  test("M14 out and in again, as GeoJSON and as GPX", async () => {
    await mutate(
      "from",
      { type: "setPin", at: [2.35, 48.85] },
      {
        type: "addFeature",
        id: "r",
        feature: {
          geometry: {
            type: "LineString",
            coordinates: [
              [0, 0],
              [1, 1],
            ],
          },
          title: "R & more",
          metadata: { a: [1] },
        },
      },
    );
    await sleep(env.MAPS.getByName("from"));
    const features = async (id: string): Promise<unknown> => {
      const state = await (await fetch(`/map/${id}`)).json<{ features: Record<string, { made: unknown }> }>();
      return Object.fromEntries(
        Object.entries(state.features).map(([key, { made: _made, ...fields }]) => [key, fields]),
      );
    };
    for (const [extension, type] of [
      ["geojson", "application/geo+json"],
      ["gpx", "application/gpx+xml"],
    ] as const) {
      const response = await fetch(`/map/from/export.${extension}`);
      expect(response.headers.get("content-type")).toBe(type);
      expect(response.headers.get("content-disposition")).toContain(`from.${extension}`);
      const imported = await fetch(`/map/into-${extension}/import`, file(type, await response.text()));
      expect(await imported.json()).toMatchObject({ added: 2, skipped: 0 });
      expect(await features(`into-${extension}`)).toEqual(await features("from"));
    }
  });

  test("M14 files in other encodings than UTF-8, as they declare it", async () => {
    const gpx = (encoding: string) =>
      `<?xml version="1.0" encoding="${encoding}"?><gpx><wpt lat="1" lon="2"><name>Zürich</name></wpt></gpx>`;
    const latin1 = Uint8Array.from(gpx("ISO-8859-1"), (character) => character.charCodeAt(0));
    const utf16 = new Uint8Array(Uint16Array.from(`\ufeff${gpx("UTF-16")}`, (unit) => unit.charCodeAt(0)).buffer);
    for (const body of [latin1, utf16]) {
      const response = await fetch("/map/encoded/import?dry=1", file("application/gpx+xml", body));
      expect(await response.json()).toMatchObject({ features: [{ title: "Zürich" }] });
    }
  });

  test("M23 what does not fit is cut or split, and the answer lists it", async () => {
    const coordTimes = Array.from({ length: 14_400 }, (_, n) => `2024-05-01T07:00:00.${n}Z`);
    const track = {
      type: "Feature",
      geometry: { type: "LineString", coordinates: coordTimes.map((_, n) => [n / 100, 1]) },
      properties: { name: "x".repeat(201), coordTimes },
    };
    const changes = [
      { path: "/properties/coordTimes", message: expect.stringContaining("4096") as string },
      { path: "/properties/name", message: '"name" has 201 characters; the first 200 were kept.' },
      { path: "/geometry", message: expect.stringContaining("2 lines that join") as string },
    ];
    const dry = await fetch("/map/fitted/import?dry=1", geojson(track));
    expect(await dry.json()).toMatchObject({ features: [{}, {}], skipped: 0, changes });
    const response = await fetch("/map/fitted/import", geojson(track));
    expect(await response.json()).toEqual({ version: expect.any(String) as string, added: 2, skipped: 0, changes });
    expect(await (await fetch("/map/fitted")).json()).toMatchObject({ size: { features: 2, vertices: 14_401 } });
  });

  test("M14 a file is read by its type; without one, and as mere bytes, by how it begins", async () => {
    const json = JSON.stringify({ type: "Point", coordinates: [2, 1] });
    const gpx = '\n<?xml version="1.0"?><gpx><wpt lat="1" lon="2"/></gpx>';
    const read = async (type: string | undefined, text: string): Promise<void> => {
      const body = new TextEncoder().encode(text);
      const headers: HeadersInit = type === undefined ? {} : { "content-type": type };
      const response = await fetch("/map/types/import?dry=1", { method: "POST", body, headers });
      expect([type, await response.json()]).toEqual([type, { features: [point(2, 1)], skipped: 0 }]);
    };
    for (const type of ["application/vnd.geo+json", "application/geo+json; charset=utf-8", "text/json"]) {
      await read(type, json);
    }
    for (const type of ["application/gpx+xml", "text/xml", "application/gpx"]) await read(type, gpx);
    for (const type of [undefined, "", "application/octet-stream"]) {
      await read(type, json);
      await read(type, gpx);
    }
  });

  test("M15 a dry run adds nothing", async () => {
    const response = await fetch("/map/dry/import?dry=1", geojson({ type: "Point", coordinates: [1, 2] }));
    expect(await response.json()).toEqual({ features: [point(1, 2)], skipped: 0 });
    expect(await (await fetch("/map/dry")).json()).toMatchObject({ features: {} });
  });

  test("M15 a bad file is refused with the place of its fault, and adds nothing", async () => {
    const good = { type: "Feature", geometry: { type: "Point", coordinates: [1, 2] }, properties: { title: "T" } };
    const wrong = { ...good, geometry: { type: "Point", coordinates: [1, 91] } };
    const bad = async (init: RequestInit): Promise<object> => fault(await fetch("/map/bad/import", init));
    expect(await bad(file("application/geo+json", '{\n  "type": "Point",\n}'))).toMatchObject({
      status: 400,
      code: "bad_file",
      message: "The file is not JSON: line 3, column 1.",
      lines: [{ line: 3 }],
    });
    expect(await bad(geojson({ type: "FeatureCollection", features: [good, wrong] }))).toMatchObject({
      code: "bad_file",
      path: "/features/1/geometry/coordinates/1",
    });
    expect(
      await bad(file("application/gpx+xml", '<gpx>\n<wpt lat="1" lon="2"/>\n<wpt lat="1" lon="36001"/></gpx>')),
    ).toMatchObject({ code: "bad_file", lines: [{ line: 3 }], message: /longitude.*line 3/ });
    const deep = { ...good, properties: JSON.parse(`${'{"a":'.repeat(70)}1${"}".repeat(70)}`) as unknown };
    expect(await bad(geojson({ type: "FeatureCollection", features: [good, deep] }))).toMatchObject({
      code: "bad_file",
      path: "/features/1/properties",
    });
    expect(await bad(file("application/geo+json", new Uint8Array([0x7b, 0x0a, 0xff])))).toMatchObject({
      code: "bad_file",
      message: "The file is not utf-8: line 2, column 1.",
    });
    expect(await bad(file("text/plain", "{}"))).toMatchObject({ status: 415 });
    expect(await bad(file("application/json", `"${"x".repeat(8 * 1024 * 1024)}"`))).toMatchObject({ status: 413 });
    const map = await fetch("/map/bad");
    expect([await map.json(), map.headers.get("etag")]).toMatchObject([{ features: {} }, '"0.0"']);
  });
});

describe("duplicates", () => {
  test("M16 the same features with who made them, in a map of its own", async () => {
    await mutate(
      "original",
      { type: "setPin", at: [1, 2] },
      { type: "addFeature", id: "a", feature: { ...point(3, 4), title: "A" } },
    );
    const response = await fetch("/map/original/duplicate", json("POST", { to: "copy é" }));
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({ id: "copy é", version: expect.stringMatching(/\.0$/) as string });
    const copy = (): Promise<Response> => fetch(`/map/${encodeURIComponent("copy é")}`);
    expect(await (await copy()).json()).toEqual(await (await fetch("/map/original")).json());
    await mutate("original", { type: "setPin", at: [9, 9] });
    expect(await (await copy()).json()).toMatchObject({ features: { pin: point(1, 2) } });
    // It is not new any more.
    expect(await refusal(await fetch("/map/original/duplicate", json("POST", { to: "copy é" })))).toBe("409 conflict");
    // Nor is one that is empty because it was restored to that.
    await fetch("/map/emptied/versions", json("POST", { name: "empty" }));
    await mutate("emptied", { type: "setPin", at: [5, 5] });
    expect((await fetch("/map/emptied/versions/empty/restore", { method: "POST" })).status).toBe(200);
    expect(await (await fetch("/map/emptied")).json()).toMatchObject({ features: {} });
    await sleep(env.MAPS.getByName("emptied"));
    expect(await refusal(await fetch("/map/original/duplicate", json("POST", { to: "emptied" })))).toBe("409 conflict");
    expect(await refusal(await fetch("/map/original/duplicate", json("POST", { to: "" })))).toBe("400 bad_room_id");
    expect(await refusal(await fetch("/map/original/duplicate", json("POST", { id: "x" })))).toBe("400 bad_message");
  });

  test("M16 only into a map that whoever asks may write", async () => {
    await mutate("secret", { type: "setPin", at: [1, 2] });
    const guarded = edge({
      maps: (bindings) => bindings.MAPS,
      authorize: ({ id }) =>
        id === "closed" ? deny("forbidden", "No.") : { can: id === "secret" ? ["read", "write"] : ["read"] },
    });
    const ask = async (to: string): Promise<string> =>
      refusal(await guarded.fetch("/map/secret/duplicate", json("POST", { to })));
    expect([await ask("closed"), await ask("readable")]).toEqual(["403 forbidden", "403 forbidden"]);
  });
});

describe("where to meet", () => {
  /** Two who share where they are, and one who does not. */
  async function gather(id: string): Promise<readonly string[]> {
    const people = [
      { name: "Ada", location: { lng: 0, lat: 0 } },
      { name: "Bob", location: { lng: 2, lat: 0 } },
      { name: "Eve" },
    ];
    const conns: string[] = [];
    for (const presence of people) {
      const peer = await Peer.native({ fetch: (_: string, init: RequestInit) => fetch(`/map/${id}/ws`, init) });
      conns.push((await peer.hello({ presence })).conn);
    }
    return conns;
  }

  test("M12 M13 as the crow flies, and it says so", async () => {
    const [ada, bob, eve] = await gather("meeting");
    const response = await fetch("/map/meeting/meeting");
    expect(response.headers.get("cache-control")).toBe("no-store");
    const meeting = await response.json<{ people: { conn: string; distance: number }[] }>();
    expect(meeting).toMatchObject({ by: "great-circle", point: [1, 0] });
    expect(meeting).not.toHaveProperty("note");
    expect(meeting.people.map(({ conn, distance }) => [conn, distance])).toEqual([
      [ada, 111_195],
      [bob, 111_195],
    ]);
    expect(meeting.people[0]).toMatchObject({
      name: "Ada",
      location: [0, 0],
      line: {
        type: "LineString",
        coordinates: [
          [0, 0],
          [1, 0],
        ],
      },
    });
    const alone = await fetch("/map/meeting/meeting", json("POST", { people: [bob, eve] }));
    expect(await alone.json()).toMatchObject({ point: [2, 0], people: [{ name: "Bob", distance: 0 }] });
    expect(await refusal(await fetch("/map/meeting/meeting", json("POST", { people: [eve] })))).toBe("409 conflict");
    expect(await refusal(await fetch("/map/meeting/meeting", json("POST", { people: "all" })))).toBe("400 bad_message");
    expect(await refusal(await fetch("/map/nobody/meeting"))).toBe("409 conflict");
  });

  test("M13 a routing server that is down costs the ways by road and nothing else", async () => {
    const worker = edge({
      maps: (bindings) => bindings.MAPS,
      routing: () => "an address of nobody",
    });
    await gather("no-roads");
    const meeting = await (await worker.fetch("/map/no-roads/meeting")).json();
    // What real servers do wrong is in test/maps/routing.test.ts.
    expect(meeting).toMatchObject({
      by: "great-circle",
      point: [1, 0],
      note: expect.stringMatching(/routing server/) as string,
    });
  });
});
