import { describe, expect, test } from "vitest";
import { fold, INITIAL } from "../../kinds/map/fold.ts";
import type { MapOp, MapState } from "../../kinds/map/types.ts";
import { refuse } from "../../protocol/refusal.ts";
import type { Change, DialectEvent, Once, Step } from "../dialect.ts";
import { mapPin } from "./index.ts";

const step = (event: DialectEvent<MapState, MapOp>): Step<null> => mapPin.step(null, event);
const frame = (data: string | ArrayBuffer): Step<null> => step({ type: "frame", data, state: INITIAL, roster: [] });
const once: Once = (make) => make();

const made = { by: "ada", at: 1 };
const put = (id: string, lng: number): MapOp => ({
  type: "put",
  id,
  feature: { geometry: { type: "Point", coordinates: [lng, 2] }, made },
});

/** What those ops come to, one after the other. */
function changes(before: MapState, ops: readonly MapOp[]): readonly Change<MapState, MapOp>[] {
  let state = before;
  return ops.map((op) => {
    const change = { op, before: state, after: fold(state, op) };
    state = change.after;
    return change;
  });
}

const withPin = fold(INITIAL, put("pin", 1));
const update = (lng: number): string => `{"type":"pinUpdate","location":{"lat":2,"lng":${lng}}}`;

describe("what a one-pin client hears", () => {
  test("M17 the pin when it connects, if there is one", () => {
    const open = (state: MapState) => step({ type: "open", params: {}, by: "x", state, roster: [] } as never).frames;
    expect(open(INITIAL)).toEqual([]);
    expect(open(withPin)).toEqual([update(1)]);
    expect(open(fold(INITIAL, put("other", 1)))).toEqual([]);
  });

  test("M17 a frame for each op that sets the pin, also to where it stands, and for no other", () => {
    const geometry = { type: "Point", coordinates: [1, 2] } as const;
    const ops: MapOp[] = [
      put("other", 5),
      { type: "change", id: "pin", change: { title: "Here" }, was: { title: null }, stamp: made },
      { type: "change", id: "pin", change: { geometry }, was: { geometry }, stamp: made },
      {
        type: "change",
        id: "pin",
        change: { geometry: { ...geometry, coordinates: [7, 2] } },
        was: { geometry },
        stamp: made,
      },
      { type: "remove", id: "pin", was: { geometry, made } },
      put("pin", 9),
    ];
    const run = { seq: 4, changes: changes(withPin, ops), once };
    expect(step({ type: "run", run }).frames).toEqual([update(1), update(7), update(9)]);
  });

  test("M17 where the pin is after a restore; nothing where there is none", () => {
    expect(step({ type: "reset", state: withPin, once }).frames).toEqual([update(1)]);
    expect(step({ type: "reset", state: INITIAL, once }).frames).toEqual([]);
  });

  test("M17 why the room refused", () => {
    expect(step({ type: "refused", refusal: refuse("forbidden", "No.") }).frames).toEqual([
      '{"type":"error","error":"No.","code":"forbidden"}',
    ]);
  });
});

describe("what a one-pin client says", () => {
  test("M17 setPin, latitude first or last", () => {
    for (const location of ['{"lat":2,"lng":1}', '{"lng":1,"lat":2,"alt":9}']) {
      expect(frame(`{"type":"setPin","location":${location},"extra":1}`)).toEqual({
        session: null,
        frames: [],
        commands: [{ do: "mutate", intents: [{ type: "setPin", at: [1, 2] }] }],
      });
    }
  });

  test.each([
    ['"id":7,"clientTime":1795000000000.25'],
    ['"id":"a b","clientTime":"then"'],
    ['"id":null,"clientTime":{"any":["thing"]}'],
    ['"id":0'],
    ['"id":1795000000000123457,"clientTime":{"ns":[-1.795000000000123457e+400]}'],
  ])("M17 ping %s is answered with the same values", (values) => {
    expect(frame(`{"type":"ping",${values}}`)).toEqual({
      session: null,
      frames: [`{"type":"pong",${values}}`],
      commands: [],
    });
  });

  test.each([
    ["", "bad_json"],
    ["{", "bad_json"],
    ["[]", "bad_message"],
    ["null", "bad_message"],
    ["7", "bad_message"],
    ["{}", "bad_message"],
    ['{"type":"pinUpdate","location":{"lat":2,"lng":1}}', "bad_message"],
    ['{"type":"setPin"}', "bad_message"],
    ['{"type":"setPin","location":null}', "bad_message"],
    ['{"type":"setPin","location":[1,2]}', "bad_message"],
    ['{"type":"setPin","location":{"lat":2}}', "bad_message"],
    ['{"type":"setPin","location":{"lat":"2","lng":1}}', "bad_message"],
    ['{"type":"setPin","location":{"lat":90.1,"lng":1}}', "bad_message"],
    ['{"type":"setPin","location":{"lat":2,"lng":-1e300}}', "bad_message"],
    ['{"type":"setPin","location":{"lat":1e999,"lng":1}}', "bad_message"],
    ['{"type":"setPin","__proto__":{"location":{"lat":2,"lng":1}}}', "bad_message"],
    ['{"__proto__":{"type":"ping"}}', "bad_message"],
    ['{"type":"__proto__"}', "bad_message"],
    ["[".repeat(10_000), "bad_json"],
  ])("M17 %s gets an error and changes nothing", (text, code) => {
    const { frames, commands } = frame(text);
    expect(commands).toEqual([]);
    expect(frames).toHaveLength(1);
    expect(JSON.parse(frames[0] ?? "")).toMatchObject({
      type: "error",
      code,
      error: expect.stringMatching(/\.$/) as string,
    });
  });

  test("M17 a ping is answered as deep as values may be, and refused beyond", () => {
    const ping = (key: string, depth: number): string =>
      `{"type":"ping","${key}":${"[".repeat(depth)}1234567890123456${"]".repeat(depth)}}`;
    expect(frame(ping("id", 64)).frames).toEqual([ping("id", 64).replace("ping", "pong")]);
    for (const depth of [65, 50_000]) {
      for (const key of ["id", "clientTime", "other"])
        expect(frame(ping(key, depth)).frames[0]).toMatch(/^\{"type":"error",.*"code":"too_deep"\}$/);
    }
  });

  test("M17 so does a binary frame", () => {
    expect(frame(new ArrayBuffer(4)).frames[0]).toContain('"code":"bad_message"');
  });
});
