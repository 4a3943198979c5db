import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { meetByRoad } from "../../src/edge/maps/routing.ts";
import type { LngLat } from "../../src/kinds/map/types.ts";

const ADA: LngLat = [2.35, 48.85];
const BOB: LngLat = [2.45, 48.8];
const FAIR: LngLat = [2.4, 48.825];
const STATION: LngLat = [2.42, 48.83];

let server: Server | undefined;
const asked: string[] = [];

/** A routing server whose answers the test decides. */
async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  server = createServer((request, response) => {
    asked.push(request.url ?? "");
    answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(async () => {
  asked.length = 0;
  server?.closeAllConnections();
  if (server?.listening === true) await new Promise((resolve) => server?.close(resolve));
});

const json = (response: ServerResponse, body: unknown): void => {
  response.setHeader("content-type", "application/json").end(JSON.stringify(body));
};

/** As OSRM answers: both reach the second candidate soonest, counted by who takes longest. */
function osrm({ url = "" }: IncomingMessage, response: ServerResponse): void {
  if (url.startsWith("/table/")) {
    const destinations = [{ location: FAIR }, { location: [2.421, 48.831] }];
    json(response, {
      code: "Ok",
      durations: [
        [600, 500],
        [100, 450],
      ],
      destinations,
    });
    return;
  }
  const [from] = /\/driving\/([^?]+)/.exec(url)?.[1]?.split(";") ?? [];
  const start = (from ?? "").split(",").map(Number);
  const geometry = { type: "LineString", coordinates: [start, [2.421, 48.831]] };
  json(response, { code: "Ok", routes: [{ distance: 5_000.5, duration: 480.2, geometry }] });
}

const meet = (url: string, timeout = 2_000): ReturnType<typeof meetByRoad> =>
  meetByRoad({ url, timeout }, [ADA, BOB], [FAIR, STATION]);

describe("a routing server", () => {
  test("M13 that answers: the place that whoever takes longest reaches soonest, and the ways there", async () => {
    const url = await serve(osrm);
    const { point, ways } = await meet(`${url}/`);
    expect(point).toEqual([2.421, 48.831]);
    expect(ways).toEqual([
      { distance: 5_000.5, duration: 480.2, line: [ADA, [2.421, 48.831]] },
      { distance: 5_000.5, duration: 480.2, line: [BOB, [2.421, 48.831]] },
    ]);
    expect(asked[0]).toBe(
      "/table/v1/driving/2.350000,48.850000;2.450000,48.800000;2.400000,48.825000;2.420000,48.830000?sources=0;1&destinations=2;3&annotations=duration",
    );
    expect(asked).toHaveLength(3);
  });

  test("M13 that is slow is given up, also in the middle of an answer", async () => {
    await expect(meet(await serve(() => undefined), 50)).rejects.toThrow("in time");
    server?.closeAllConnections();
    await expect(meet(await serve((_, response) => void response.write('{"code":')), 50)).rejects.toThrow("in time");
  });

  test("M13 that is down", async () => {
    const url = await serve(osrm);
    await new Promise((resolve) => server?.close(resolve));
    await expect(meet(url)).rejects.toThrow("cannot be reached");
  });

  test.each<[string, (response: ServerResponse) => void, string]>([
    ["an error", (response) => void response.writeHead(500).end("{}"), "500"],
    ["a redirect", (response) => void response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(), "302"],
    ["no JSON", (response) => void response.end("<html>"), "not one"],
    ["no way", (response) => json(response, { code: "NoTable" }), "no way"],
    ["null", (response) => json(response, null), "not one"],
    [
      "a table of another size",
      (response) => json(response, { code: "Ok", durations: [[1]], destinations: [] }),
      "not one",
    ],
    [
      "text for times",
      (response) =>
        json(response, {
          code: "Ok",
          durations: [
            ["1", 2],
            [1, 2],
          ],
          destinations: [{}, {}],
        }),
      "not one",
    ],
    [
      "times below 0",
      (response) =>
        json(response, {
          code: "Ok",
          durations: [
            [-1, 2],
            [1, 2],
          ],
          destinations: [{}, {}],
        }),
      "not one",
    ],
    [
      "no road for one of them",
      (response) =>
        json(response, {
          code: "Ok",
          durations: [
            [1, null],
            [null, 2],
          ],
          destinations: [{}, {}],
        }),
      "No road",
    ],
    [
      "a place off the earth",
      (response) =>
        json(response, {
          code: "Ok",
          durations: [
            [1, 2],
            [1, 2],
          ],
          destinations: [{ location: [200, 0] }, {}],
        }),
      "not one",
    ],
    ["without end", (response) => void response.end(`{"x":"${"x".repeat(3 * 1024 * 1024)}"}`), "too much"],
  ])("M13 that answers with %s is not believed", async (_title, answer, message) => {
    await expect(meet(await serve((_, response) => answer(response)))).rejects.toThrow(message);
  });

  test("M13 whose ways are wrong after a right table", async () => {
    const routes = [
      [],
      [{ distance: 1, duration: 1, geometry: "polyline" }],
      [
        {
          distance: 1,
          duration: 1,
          geometry: {
            type: "LineString",
            coordinates: [
              [0, 0],
              [0, 99],
            ],
          },
        },
      ],
    ];
    for (const wrong of routes) {
      const url = await serve((request, response) =>
        request.url?.startsWith("/table/") === true
          ? osrm(request, response)
          : json(response, { code: "Ok", routes: wrong }),
      );
      await expect(meet(url)).rejects.toThrow("not one");
      server?.closeAllConnections();
      await new Promise((resolve) => server?.close(resolve));
    }
  });
});
