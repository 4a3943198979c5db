import { afterEach, beforeEach, expect, test } from "vitest";
import { mapKind } from "../kinds/map/kind.ts";
import type { MapIntent, MapOp, MapState } from "../kinds/map/types.ts";
import { connect, type Rooms } from "./connect.ts";
import { TestServer } from "./fixtures/server.ts";
import { map } from "./map.ts";

let server: TestServer<MapState, MapIntent, MapOp>;
let rooms: Rooms;

beforeEach(async () => {
  server = new TestServer(mapKind());
  await server.listen();
  rooms = connect(server.url);
});

afterEach(async () => {
  rooms.close();
  await server.stop();
});

test("each way to change a map", async () => {
  const paris = map(rooms, "paris");
  expect(paris.features).toBeUndefined();
  await paris.ready();
  expect(server.visits).toEqual(["/map/paris/ws"]);
  expect(paris.features?.size).toBe(0);
  expect(paris.canUndo).toBe(false);

  const pin = paris.addPin([2.35, 48.85], { title: "Here" });
  expect(paris.feature(pin.id)).toMatchObject({
    title: "Here",
    geometry: { type: "Point", coordinates: [2.35, 48.85] },
  });
  await pin.done;
  const line = [
    [0, 0],
    [1, 1],
  ] as const;
  const route = paris.addRoute(line);
  await paris.addPoint(route.id, [2, 2]);
  await paris.addPoint(route.id, [0.5, 0.5], 1);
  const area = paris.addArea([...line, [1, 0]]);
  await area.done;
  await paris.setPin([9, 9]);
  await paris.updateFeature(pin.id, { title: null, note: "There" });
  await paris.import([{ id: "a", geometry: { type: "Point", coordinates: [3, 3] } }]);
  expect(paris.feature(route.id)?.geometry.coordinates).toEqual([
    [0, 0],
    [0.5, 0.5],
    [1, 1],
    [2, 2],
  ]);
  // The ring is closed for whoever has not.
  expect(paris.feature(area.id)?.geometry.coordinates).toEqual([
    [
      [0, 0],
      [1, 1],
      [1, 0],
      [0, 0],
    ],
  ]);
  expect(paris.feature(pin.id)).not.toHaveProperty("title");
  await paris.removeFeature("a");
  expect([...(paris.features?.keys() ?? [])].toSorted()).toEqual([pin.id, route.id, area.id, "pin"].toSorted());
  expect(paris.features).toBe(paris.features);
  expect(paris.canUndo).toBe(true);
  expect(server.room.state).toEqual(paris.state);
  expect(map(rooms, "paris")).toBe(paris);
});

test("the time to the server and back, while there is a connection", async () => {
  const paris = map(rooms, "paris");
  expect(await paris.ping()).toBeUndefined();
  await paris.ready();
  const [took, again] = await Promise.all([paris.ping(), paris.ping()]);
  expect(took).toBeGreaterThanOrEqual(0);
  expect(again).toBeGreaterThanOrEqual(0);
  const unanswered = paris.ping();
  paris.close();
  expect(await unanswered).toBeUndefined();
  expect(await paris.ping()).toBeUndefined();
});
