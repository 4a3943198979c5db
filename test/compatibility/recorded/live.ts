import type { Conversation } from "../conversation.ts";
import { ADA, AWKWARD, BOB, GUEST } from "./seed.ts";
import type { Scene } from "./stored.ts";

const mutate = (m: number, ...intents: readonly object[]) => ({ t: "mutate", m, intents });
const hello = (client: string, more: object = {}) => ({ t: "hello", v: 1, client, ...more });

async function documentNative(talk: Conversation): Promise<void> {
  const path = "/doc/live/ws";
  await talk.native("ada", `${path}?user=ada`);
  await talk.send("ada", hello(ADA, { presence: { name: "Ada" } }), 3);
  await talk.native("bob", `${path}?guest`);
  await talk.send("bob", hello(BOB, { guest: GUEST, presence: null }), 2);
  await talk.send("bob", { t: "presence", data: { name: "Bob", field: "/title" } }, 1);
  await talk.hears("ada");
  const intents = [
    { type: "set", value: AWKWARD },
    { type: "merge", value: { title: "Monday", list: [1, 2] } },
    { type: "mergePatch", patch: { author: { name: "Ada" }, title: null } },
    {
      type: "jsonPatch",
      patch: [
        { op: "test", path: "/list/0", value: 1 },
        { op: "add", path: "/list/-", value: 3 },
      ],
    },
    {
      type: "update",
      fields: [
        { op: "increment", path: "/n" },
        { op: "serverTime", path: "/at" },
      ],
    },
  ];
  for (const [n, intent] of intents.entries()) {
    await talk.send("ada", mutate(n + 1, intent), 1);
    await talk.hears("bob");
  }
  await talk.send(
    "ada",
    mutate(6, intents[1] ?? {}, { type: "update", fields: [{ op: "increment", path: "/list" }] }),
    1,
  );
  await talk.send("ada", mutate(7, { type: "merge", value: { list: [9] } }), 1);
  await talk.hears("bob");
  await talk.send("ada", mutate(8, { type: "update", fields: [{ op: "delete", path: "/nothing" }] }), 1);
  await talk.send("ada", mutate(7, { type: "merge", value: { not: "again" } }), 1);
  await talk.send("ada", { ...mutate(9, { type: "merge", value: { a: 1 } }), ifVersion: "<epoch-1>.1" }, 1);
  await talk.send("ada", { ...mutate(10, { type: "merge", value: { a: 1 } }), ifVersion: "<epoch-1>.6" }, 1);
  await talk.hears("bob");
  await talk.send("ada", mutate(11, { type: "unknown" }), 1);
  await talk.send("ada", { t: "mutate", m: 12, intents: "none" }, 1);
  await talk.send("ada", { t: "presence", data: { name: "x".repeat(3_000) } }, 1);
  await talk.send("bob", "\u0005", 1);
  await talk.send("bob", "ping", 1);
  await talk.close("bob");
  await talk.hears("ada");
  talk.note("Away and back: mutations sent again, a tail, a new history");
  await talk.http("PATCH", "/doc/live", { json: { meanwhile: true } });
  await talk.hears("ada");
  await talk.native("bob", `${path}?guest`);
  await talk.send("bob", hello(BOB, { guest: GUEST, since: { epoch: "<epoch-1>", seq: 5 } }), 4);
  await talk.send("bob", { ...mutate(1, { type: "merge", value: { bob: 1 } }), again: "<epoch-1>.0" }, 1);
  await talk.hears("ada");
  await talk.http("POST", "/doc/live/versions", { json: { name: "one" } });
  await talk.http("DELETE", "/doc/live");
  await talk.hears("ada");
  await talk.hears("bob");
}

async function endings(talk: Conversation): Promise<void> {
  const frames: readonly (readonly [string, unknown])[] = [
    ["not-json", "hello"],
    ["not-hello", mutate(1)],
    ["version", { t: "hello", v: 2, client: ADA }],
    ["short-client", { t: "hello", v: 1, client: "short" }],
  ];
  for (const [who, frame] of frames) {
    await talk.native(who, "/doc/live-endings/ws");
    await talk.send(who, frame, 1);
    const last = talk.lines.at(-1) ?? "";
    if (!last.includes("is closed")) await talk.hears(who);
  }
  await talk.native("old", "/doc/live-endings/ws");
  await talk.send("old", hello(ADA), 2);
  await talk.native("new", "/doc/live-endings/ws");
  await talk.send("new", hello(ADA), 2);
  await talk.hears("old", 2);
  await talk.send("new", { t: "unknown" }, 2);
}

async function documentSimple(talk: Conversation): Promise<void> {
  await talk.connect("one", "/doc/live-simple/ws");
  await talk.hears("one");
  await talk.send("one", { type: "patch", patch: { op: "set", value: { a: 1, b: 2 } } }, 1);
  await talk.send("one", { op: "merge", value: { b: 3 } }, 1);
  await talk.send("one", { op: "move" }, 1);
  await talk.send("one", "not JSON", 1);
  await talk.http("PATCH", "/doc/live-simple", {
    text: '[{"op":"remove","path":"/a"}]',
    headers: { "content-type": "application/json-patch+json" },
  });
  await talk.hears("one");
  await talk.http("PATCH", "/doc/live-simple", {
    text: '{"c":{"d":1}}',
    headers: { "content-type": "application/merge-patch+json" },
  });
  await talk.hears("one");
  await talk.http("DELETE", "/doc/live-simple");
  await talk.hears("one");
  await talk.close("one");
}

async function documentHttp(talk: Conversation): Promise<void> {
  await talk.http("GET", "/doc/live-http");
  await talk.listen("events", "/doc/live-http/events", {}, 1);
  await talk.http("PUT", "/doc/live-http", { json: { a: 1 } });
  await talk.hears("events");
  await talk.http("GET", "/doc/live-http", { headers: { "if-none-match": '"<epoch-1>.1"' } });
  await talk.http("PUT", "/doc/live-http", { json: {}, headers: { "if-match": '"<epoch-1>.0"' } });
  await talk.http("PUT", "/doc/live-http", { json: {}, headers: { "if-none-match": "*" } });
  await talk.http("PUT", "/doc/live-http", { text: "{", headers: { "content-type": "application/json" } });
  await talk.http("PATCH", "/doc/live-http", { text: "x", headers: { "content-type": "text/x" } });
  await talk.http("PATCH", "/doc/live-http", {
    text: '[{"op":"test","path":"/a","value":2}]',
    headers: { "content-type": "application/json-patch+json" },
  });
  await talk.http("POST", "/doc/live-http", { json: { intents: [{ type: "nope" }] } });
  await talk.http("POST", "/doc/live-http/versions", { json: { name: "one" } });
  await talk.http("POST", "/doc/live-http/versions/none/restore");
  await talk.http("GET", "/doc/live-http/versions/none");
  await talk.http("GET", "/doc/live-http/history?from=9");
  await talk.http("GET", "/doc/live-http/history?from=x");
  await talk.http("GET", "/doc/live-http/ws");
  await talk.http("DELETE", "/doc/live-http/history");
  await talk.http("PUT", "/doc/live-http", { json: { a: 2 } });
  await talk.hears("events");
  await talk.http("POST", "/doc/live-http/versions/one/restore");
  await talk.hears("events", 2);
  await talk.http("DELETE", "/doc/live-http?guest");
  await talk.http("DELETE", "/doc/live-http");
  await talk.hears("events", 2);
  talk.stop("events");
  await talk.listen("late", "/doc/live-http/events", { "last-event-id": "<epoch-1>.1" }, 2);
  talk.stop("late");
}

async function chat(talk: Conversation): Promise<void> {
  await talk.native("ada", "/chat/live/ws?user=ada");
  await talk.send("ada", hello(ADA, { presence: { name: "ignored" } }), 3);
  await talk.connect("json", "/api/room/live/websocket?guest");
  await talk.send("json", { name: "Jason" }, 3);
  await talk.hears("ada");
  await talk.connect("line", "/chat/live?guest&name=Linus");
  await talk.hears("line");
  await talk.hears("json");
  await talk.hears("ada");
  const all = async () => {
    for (const who of ["ada", "json", "line"]) await talk.hears(who);
  };
  await talk.send("ada", mutate(1, { type: "send", text: "from native", key: "k1" }));
  await all();
  await talk.send("json", { message: "from JSON" });
  await all();
  await talk.send("line", "from a line");
  await all();
  await talk.send("ada", mutate(2, { type: "send", text: "a reply", reply: 2 }));
  await all();
  await talk.send("ada", mutate(3, { type: "edit", n: 1, text: "edited" }), 1);
  await talk.send("ada", mutate(4, { type: "react", n: 2, reaction: "👍" }), 1);
  await talk.send("ada", mutate(5, { type: "unreact", n: 2, reaction: "👍" }), 1);
  await talk.send("ada", mutate(6, { type: "read", n: 3 }), 1);
  await talk.send("ada", mutate(7, { type: "delete", n: 2 }), 1);
  talk.note("What is refused");
  await talk.send("ada", mutate(8, { type: "send", text: " " }), 1);
  await talk.send("ada", mutate(9, { type: "react", n: 2, reaction: "no" }), 1);
  await talk.send("ada", mutate(10, { type: "edit", n: 99, text: "x" }), 1);
  await talk.send("json", { message: "" }, 1);
  await talk.send("json", { message: "x".repeat(257) }, 1);
  await talk.send("line", "x".repeat(257), 1);
  await talk.http("POST", "/chat/live/messages?guest", { json: { text: "from HTTP", name: "Build" } });
  await all();
  await talk.http("GET", "/chat/live/presence");
  talk.note("Moderation");
  await talk.send("ada", mutate(11, { type: "rules", locked: true }), 1);
  await talk.send("line", "locked", 1);
  await talk.send("ada", mutate(12, { type: "rules", locked: false }), 1);
  await talk.send("ada", mutate(13, { type: "mute", person: "u:nobody" }), 1);
  await talk.send("ada", mutate(14, { type: "ban", person: "u:nobody", for: 1_000 }), 1);
  await talk.send("ada", mutate(15, { type: "unmute", person: "u:nobody" }), 1);
  await talk.close("json");
  await talk.hears("ada");
  await talk.hears("line");
  await talk.close("line");
  await talk.hears("ada");
  talk.note("A backlog, names, rooms");
  await talk.connect("late", "/api/room/live/websocket");
  await talk.send("late", { name: "x".repeat(33) }, 2);
  await talk.connect("back", "/api/room/live/websocket");
  await talk.send("back", {}, 7);
  await talk.hears("ada");
  await talk.http("POST", "/api/room");
  await talk.http("GET", "/api/room");
  await talk.http("GET", `/api/room/${"x".repeat(33)}/websocket`);
  await talk.http("GET", "/api/room/live/websocket");
  await talk.http("GET", "/chat/");
  await talk.http("GET", `/chat/${"x".repeat(33)}`);
  await talk.http("GET", "/chat/live");
  await talk.http("DELETE", "/chat/live");
  await talk.hears("ada");
  await talk.close("back");
  await talk.hears("ada");
  await talk.listen("events", "/chat/live/events", {}, 1);
  await talk.http("POST", "/chat/live/messages", { json: { text: "again" } });
  await talk.hears("events");
  talk.stop("events");
}

async function stream(talk: Conversation): Promise<void> {
  await talk.connect("raw", "/subscribe?siteId=live&filter=type:a");
  await talk.native("ada", "/stream/live/ws");
  await talk.send("ada", hello(ADA, { from: "start" }), 2);
  await talk.native("bob", "/subscribe?siteId=live");
  await talk.send("bob", hello(BOB, { from: { last: 1 }, filter: "type:b" }), 2);
  await talk.listen("events", "/stream/live?from=start", {});
  await talk.hears("events");
  await talk.http("POST", "/stream/live", { text: '{"type":"a",\n "n" : 1.0}' });
  await talk.hears("ada");
  await talk.hears("bob");
  await talk.hears("raw");
  await talk.hears("events");
  await talk.send(
    "ada",
    mutate(1, { type: "publish", events: [{ data: '{"type":"b"}' }, { data: '{"type":"a","id":"once"}' }] }),
    1,
  );
  await talk.hears("bob");
  await talk.hears("raw");
  await talk.hears("events", 2);
  await talk.send("ada", mutate(2, { type: "publish", events: [{ data: '{"type":"a","id":"once"}' }] }), 1);
  await talk.send("ada", mutate(3, { type: "publish", events: [{ data: "[1]" }] }), 1);
  await talk.http("POST", "/publish", { text: '{"siteId":"live","type":"a"}\n{"siteId":"live"' });
  await talk.http("POST", "/publish", { text: '{"type":"a"}' });
  await talk.http("POST", "/publish", { text: '{"siteId":"live","type":"c"}' });
  await talk.hears("ada");
  await talk.hears("bob");
  await talk.hears("events");
  await talk.http("GET", "/stream/live?from=start&limit=2");
  await talk.http("GET", "/stream/live?from=<epoch-1>.2&filter=type:c");
  await talk.http("GET", "/stream/live?filter=type");
  await talk.http("DELETE", "/stream/live");
  await talk.hears("ada");
  await talk.hears("bob");
  await talk.hears("events");
  await talk.http("GET", "/stream/live?from=<epoch-1>.2");
  await talk.close("ada");
  await talk.close("bob");
  await talk.close("raw");
  talk.stop("events");
}

async function durableStream(talk: Conversation): Promise<void> {
  const text = { "content-type": "text/plain" };
  await talk.http("GET", "/v1/stream/live-text?offset=-1");
  await talk.http("PUT", "/v1/stream/live-text", { headers: text });
  await talk.http("PUT", "/v1/stream/live-text", { headers: text });
  await talk.listen("events", "/v1/stream/live-text?offset=-1&live=sse", {}, 1);
  talk.ask("poll", "/v1/stream/live-text?offset=-1&live=long-poll");
  await talk.http("POST", "/v1/stream/live-text", { headers: text, text: "one\ntwo" });
  await talk.hears("poll");
  await talk.hears("events", 2);
  await talk.http("GET", "/v1/stream/live-text?offset=<epoch-1>_0000000000000001");
  await talk.http("POST", "/v1/stream/live-text", { headers: { "content-type": "application/json" }, text: "{}" });
  await talk.http("POST", "/v1/stream/live-text", { headers: text });
  await talk.http("POST", "/v1/stream/live-text", { headers: { ...text, "stream-closed": "true" }, text: "three" });
  await talk.hears("events", 3);
  await talk.http("GET", "/v1/stream/live-text?offset=nonsense");
  await talk.http("GET", "/v1/stream/live-text?offset=now&live=long-poll");
  await talk.http("DELETE", "/v1/stream/live-text");
  await talk.http("HEAD", "/v1/stream/live-text");
}

async function map(talk: Conversation): Promise<void> {
  const at = { type: "Point", coordinates: [1, 2] };
  await talk.native("ada", "/map/live/ws?user=ada");
  await talk.send("ada", hello(ADA, { presence: { name: "Ada", location: { lng: 0.12345678, lat: 0 } } }), 3);
  await talk.connect("pin", "/api/map?id=live");
  await talk.native("bob", "/map/live/ws?guest");
  await talk.send("bob", hello(BOB, { guest: GUEST, presence: { name: "Bob", location: { lng: 10, lat: 0 } } }), 3);
  await talk.hears("ada");
  await talk.send("pin", { type: "ping", id: 7, clientTime: 123 }, 1);
  await talk.send("pin", { type: "setPin", location: { lat: 48.8566, lng: 2.3522 } }, 1);
  await talk.hears("ada");
  await talk.hears("bob");
  await talk.send("pin", { type: "setPin", location: { lat: 91, lng: 0 } }, 1);
  await talk.send("pin", "not JSON", 1);
  const intents = [
    { type: "addFeature", id: "f", feature: { geometry: at, title: "F" } },
    { type: "updateFeature", id: "f", change: { title: null, color: "#00ff00" } },
    {
      type: "addFeature",
      id: "l",
      feature: {
        geometry: {
          type: "LineString",
          coordinates: [
            [0, 0],
            [1, 1],
          ],
        },
      },
    },
    { type: "addPoint", id: "l", point: [2, 2] },
    { type: "undo" },
    {
      type: "import",
      features: [
        { id: "i", geometry: at },
        { id: "j", geometry: at },
      ],
    },
    { type: "undo" },
    { type: "removeFeature", id: "f" },
    { type: "setPin", at: [3, 4] },
  ];
  for (const [n, intent] of intents.entries()) {
    await talk.send("ada", mutate(n + 1, intent), 1);
    await talk.hears("bob");
  }
  await talk.hears("pin");
  await talk.send("ada", mutate(10, { type: "updateFeature", id: "f", change: {} }), 1);
  await talk.send(
    "ada",
    mutate(11, { type: "addFeature", id: "x", feature: { geometry: { type: "Point", coordinates: [0, 91] } } }),
    1,
  );
  await talk.send("bob", mutate(1, { type: "undo" }), 1);
  await talk.http("GET", "/map/live/meeting");
  await talk.http("GET", "/map/live/presence");
  await talk.listen("events", "/map/live/events", {}, 1);
  await talk.http("POST", "/map/live", { json: { intents: [{ type: "setPin", at: [5, 6] }] } });
  await talk.hears("events");
  talk.stop("events");
  await talk.http("POST", "/map/live/import", { text: "<gpx", headers: { "content-type": "application/gpx+xml" } });
  await talk.http("POST", "/map/live/import?dry=1", {
    text: '{"type":"Point","coordinates":[1,1]}',
    headers: { "content-type": "application/geo+json" },
  });
  await talk.http("GET", "/api/map/else");
}

async function ownKind(talk: Conversation): Promise<void> {
  await talk.native("ada", "/room/counter/live/ws?user=ada");
  await talk.send("ada", hello(ADA), 2);
  await talk.send("ada", mutate(1, { add: 1 }), 1);
  await talk.send("ada", mutate(2, { add: 0 }), 1);
  await talk.send("ada", { ...mutate(3, { add: 1 }), ifVersion: "<epoch-1>.0" }, 1);
  await talk.http("POST", "/room/counter/live?user=bob", { json: { intents: [{ add: 1 }, { add: 2 }] } });
  await talk.hears("ada");
  await talk.listen("events", "/room/counter/live/events", {}, 1);
  talk.stop("events");
  await talk.http("GET", "/room/counter/live/history");
  await talk.http("GET", "/room/none/live");
  await talk.close("ada");
}

/** In new rooms. */
export const LIVE: Readonly<Record<string, Scene>> = {
  documentNative,
  endings,
  documentSimple,
  documentHttp,
  chat,
  stream,
  durableStream,
  map,
  ownKind,
};
