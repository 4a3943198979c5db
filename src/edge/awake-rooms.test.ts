import { expect, test } from "vitest";
import { AWAKE_MS, AwakeRooms, awakeRoomsLimit } from "./awake-rooms.ts";

const LIMIT = 3;

function fill(awake: AwakeRooms, address: string | undefined, now = 0): void {
  for (let room = 0; room < LIMIT; room += 1) expect(awake.use(address, `room ${room}`, LIMIT, now)).toBeUndefined();
}

test("Q12 an address is refused one room too many, with the time until it may use another", () => {
  const awake = new AwakeRooms();
  fill(awake, "192.0.2.1");
  expect(awake.use("192.0.2.1", "another", LIMIT, 4000)).toMatchObject({
    code: "too_many_requests",
    place: { retryAfter: AWAKE_MS - 4000 },
  });
  expect(awake.use("192.0.2.1", "another", LIMIT, AWAKE_MS)).toBeUndefined();
});

test("Q12 rooms in use are never refused, and stay in use for as long as they are used", () => {
  const awake = new AwakeRooms();
  fill(awake, "192.0.2.1");
  for (let now = 0; now < 3 * AWAKE_MS; now += AWAKE_MS / 2) {
    for (let room = 0; room < LIMIT; room += 1) {
      expect(awake.use("192.0.2.1", `room ${room}`, LIMIT, now)).toBeUndefined();
    }
    expect(awake.use("192.0.2.1", `new ${now}`, LIMIT, now)).toMatchObject({ code: "too_many_requests" });
  }
});

test("Q12 other addresses are not affected; addresses of one IPv6 network count together, and so do unknown ones", () => {
  const awake = new AwakeRooms();
  fill(awake, "192.0.2.1");
  fill(awake, "192.0.2.2");
  fill(awake, "2001:db8:1:2::1");
  fill(awake, undefined);
  expect(awake.use("2001:db8:1:2::ffff", "another", LIMIT, 0)).toMatchObject({ code: "too_many_requests" });
  expect(awake.use(undefined, "another", LIMIT, 0)).toMatchObject({ code: "too_many_requests" });
  expect(awake.use("2001:db8:1:3::1", "another", LIMIT, 0)).toBeUndefined();
});

test("Q12 addresses are forgotten once their rooms are", () => {
  const awake = new AwakeRooms();
  for (let host = 0; host < 200; host += 1) fill(awake, `192.0.2.${host}`);
  fill(awake, "198.51.100.1", AWAKE_MS);
  expect(awake.size).toBe(1);
});

test.each([
  [undefined, {}, Infinity],
  [undefined, undefined, Infinity],
  [undefined, { ROOMCAST_AWAKE_ROOMS: 200 }, 200],
  [undefined, { ROOMCAST_AWAKE_ROOMS: "200" }, Infinity],
  [5, { ROOMCAST_AWAKE_ROOMS: 200 }, 5],
  [Infinity, { ROOMCAST_AWAKE_ROOMS: 200 }, Infinity],
])("the option %s and the bindings %j make a limit of %s", (option, env, limit) => {
  expect(awakeRoomsLimit(option, env)).toBe(limit);
});
