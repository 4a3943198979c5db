import type { Conversation } from "../conversation.ts";

/** Clients and guests of the data folder, by their secrets. */
export const ADA = "fixture-client-ada-0001";
export const BOB = "fixture-client-bob-0001";
export const GUEST = "fixture-guest-cleo-0001";

const mutate = (m: number, ...intents: readonly object[]) => ({ t: "mutate", m, intents });
const key = (name: string) => ({ "idempotency-key": name });
const patch = (type: string) => ({ "content-type": type });

/** Numbers and texts that a careless way through storage would change. */
export const AWKWARD = {
  title: 'Zoë – 日本語 – 👩‍👩‍👧 – \u00e9 e\u0301 – \u2028 – \u0000 – \\ " /',
  numbers: [0, -1, 1.5, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, 9007199254740991, 0.1],
  "": "an empty key",
  "10": "keys that look",
  "2": "like numbers",
  "a/b~c": { "~1": [null, true, false, "", {}, []] },
  ["__proto__"]: { constructor: { prototype: 1 } },
};

/** Makes the rooms of the data folder: of every kind, by every way in, with everything that a room can keep. */
export async function seed(talk: Conversation): Promise<void> {
  await documents(talk);
  await chats(talk);
  await maps(talk);
  await streams(talk);
  await durableStreams(talk);
  await ownKind(talk);
}

async function documents(talk: Conversation): Promise<void> {
  talk.note("A document, written in every way");
  await talk.http("PUT", "/doc/notes?user=ada", { json: AWKWARD, headers: key("notes-put") });
  await talk.http("PATCH", "/doc/notes", { json: { tags: ["work"], visits: 0 }, headers: key("notes-merge") });
  await talk.http("PATCH", "/doc/notes", {
    text: '{"author":{"name":"Ada","email":null},"gone":null}',
    headers: patch("application/merge-patch+json"),
  });
  await talk.http("PATCH", "/doc/notes", {
    text: '[{"op":"test","path":"/author/name","value":"Ada"},{"op":"add","path":"/tags/-","value":"home"},{"op":"copy","from":"/tags","path":"/copied"},{"op":"move","from":"/copied/0","path":"/moved"},{"op":"replace","path":"/visits","value":3},{"op":"remove","path":"/numbers/1"}]',
    headers: patch("application/json-patch+json"),
  });
  await talk.http("POST", "/doc/notes?user=bob", {
    json: {
      intents: [
        { type: "merge", value: { open: true } },
        {
          type: "update",
          fields: [
            { op: "increment", path: "/visits" },
            { op: "increment", path: "/new/count", by: 2.5 },
            { op: "union", path: "/tags", values: ["home", "garden"] },
            { op: "remove", path: "/tags", values: ["work"] },
            { op: "delete", path: "/moved" },
            { op: "serverTime", path: "/at" },
            { op: "put", path: "/put", value: { x: [1] } },
          ],
        },
      ],
    },
    headers: key("notes-intents"),
  });
  await talk.native("ada", "/doc/notes/ws");
  await talk.send("ada", { t: "hello", v: 1, client: ADA }, 2);
  await talk.send("ada", mutate(1, { type: "mergePatch", patch: { author: { name: "Ada L." } } }), 1);
  await talk.send("ada", mutate(2, { type: "jsonPatch", patch: [{ op: "test", path: "/open", value: false }] }), 1);
  await talk.send("ada", mutate(3, { type: "merge", value: { open: true } }), 1);
  await talk.send("ada", mutate(4, { type: "update", fields: [{ op: "increment", path: "/visits", by: -1 }] }), 1);
  await talk.close("ada");
  await talk.http("POST", "/doc/notes/versions?user=ada", { json: { name: "first draft" } });
  await talk.http("POST", "/doc/notes/patch", { text: '{"op":"merge","value":{"simple":"yes"}}' });
  await talk.http("POST", "/doc/notes/versions", { json: { name: "zweite Fassung/ü" } });

  talk.note("One that was restored: a new epoch, and what the restore replaced");
  await talk.http("PUT", "/doc/restored", { json: { text: "first" } });
  await talk.http("POST", "/doc/restored/versions", { json: { name: "one" } });
  await talk.http("PUT", "/doc/restored", { json: { text: "second" } });
  await talk.http("POST", "/doc/restored/versions/one/restore");
  await talk.http("PATCH", "/doc/restored", { json: { after: "the restore" } });
  await talk.native("ada", "/doc/restored/ws");
  await talk.send("ada", { t: "hello", v: 1, client: ADA }, 2);
  await talk.send("ada", mutate(1, { type: "merge", value: { by: "Ada" } }), 1);
  await talk.close("ada");

  talk.note("One that was emptied, one whose id needs escaping");
  await talk.http("PUT", "/doc/emptied", { json: { text: "gone" } });
  await talk.http("DELETE", "/doc/emptied", { headers: key("emptied-delete") });
  await talk.http("PUT", "/doc/a%2Fb%20%C3%BC", { json: ["a list", 1] });

  talk.note("A state of more than one chunk, its checkpoint, and a tail");
  for (let n = 0; n < 9; n += 1) {
    await talk.http("PATCH", "/doc/large", {
      json: { [`part${n}`]: `${n}é👍 `.repeat(15_000) },
      headers: key(`large-${n}`),
    });
  }
  await talk.http("PATCH", "/doc/large", { json: { last: "the tail" }, headers: key("large-tail") });

  talk.note("A small state with a log much larger than it: a checkpoint, and rows after it");
  for (let n = 1; n <= 100; n += 1) {
    await talk.http("PATCH", "/doc/checkpointed", {
      json: { n, filling: `${n} `.repeat(500) },
      ...(n % 10 === 0 ? { headers: key(`checkpointed-${n}`) } : {}),
    });
  }
}

async function chats(talk: Conversation): Promise<void> {
  talk.note("A chat in all of its formats at once");
  await talk.native("ada", "/chat/lobby/ws?user=ada");
  await talk.send("ada", { t: "hello", v: 1, client: ADA }, 2);
  await talk.native("cleo", "/chat/lobby/ws?guest");
  await talk.send(
    "cleo",
    { t: "hello", v: 1, client: BOB, guest: GUEST, presence: { name: "Cleo", color: "#8a2be2" } },
    3,
  );
  await talk.send("ada", mutate(1, { type: "send", text: "Good morning 👋🏽" }), 1);
  await talk.hears("cleo");
  await talk.send("cleo", mutate(1, { type: "send", text: "A typpo", key: "cleo-1" }), 1);
  await talk.hears("ada");
  await talk.send("cleo", mutate(2, { type: "edit", n: 2, text: "A typo" }), 1);
  await talk.hears("ada");
  await talk.send("ada", mutate(2, { type: "send", text: "Which one?", reply: 2 }), 1);
  await talk.hears("cleo");
  await talk.send("cleo", mutate(3, { type: "send", text: "a secret, deleted" }), 1);
  await talk.hears("ada");
  await talk.send("ada", mutate(3, { type: "send", text: "I quote it", reply: 5 }), 1);
  await talk.hears("cleo");
  await talk.send("cleo", mutate(4, { type: "delete", n: 5 }), 1);
  await talk.hears("ada");
  await talk.send(
    "ada",
    mutate(4, { type: "react", n: 2, reaction: "👍" }, { type: "react", n: 2, reaction: "🎉" }),
    1,
  );
  await talk.hears("cleo");
  await talk.send("cleo", mutate(5, { type: "react", n: 2, reaction: "👍" }), 1);
  await talk.hears("ada");
  await talk.send("ada", mutate(5, { type: "unreact", n: 2, reaction: "🎉" }), 1);
  await talk.hears("cleo");
  await talk.send("cleo", mutate(6, { type: "read", n: 6 }), 1);
  await talk.hears("ada");
  await talk.send("ada", mutate(6, { type: "rules", slow: 100, locked: false }), 1);
  await talk.hears("cleo");
  await talk.send("cleo", mutate(7, { type: "rules", slow: 0 }), 1);
  await talk.close("cleo");
  await talk.connect("json", "/api/room/lobby/websocket");
  await talk.send("json", { name: "Jason" });
  await talk.send("json", { message: "from JSON" });
  await talk.hears("ada");
  await talk.close("json");
  await talk.connect("line", "/chat/lobby?name=Linus", undefined);
  await talk.send("line", "from a line");
  await talk.hears("ada");
  await talk.close("line");
  await talk.http("POST", "/chat/lobby/messages", {
    json: { text: "The build is green.", name: "Build" },
    headers: key("lobby-build"),
  });
  await talk.hears("ada");
  await talk.send("ada", mutate(7, { type: "mute", n: 2, for: 86_400_000 }), 1);
  await talk.send("ada", mutate(8, { type: "ban", person: "u:mallory", address: true }), 1);
  await talk.send("ada", mutate(9, { type: "ban", person: "u:trent", for: 1 }), 1);
  await talk.send("ada", mutate(10, { type: "ban", person: "u:peggy" }), 1);
  await talk.send("ada", mutate(11, { type: "unban", person: "u:peggy" }), 1);
  await talk.send("ada", mutate(12, { type: "rules", slow: 0, locked: false }), 1);
  await talk.close("ada");

  talk.note("One with more messages than a newcomer gets, several to a row");
  await talk.native("ada", "/chat/long/ws?user=ada");
  await talk.send("ada", { t: "hello", v: 1, client: ADA }, 2);
  for (let row = 0; row < 14; row += 1) {
    const lines = Array.from({ length: 10 }, (_, n) =>
      JSON.stringify(mutate(row * 10 + n + 1, { type: "send", text: `Message ${row * 10 + n + 1}` })),
    );
    await talk.send("ada", lines[0]);
    for (const line of lines.slice(1)) await talk.send("ada", line);
    await talk.hears("ada");
  }
  await talk.close("ada");
  talk.note("A private one");
  await talk.connect("json", `/api/room/${PRIVATE}/websocket`);
  await talk.send("json", { name: "Grace" }, 2);
  await talk.send("json", { message: "between us" }, 1);
  await talk.close("json");
}

/** The name of a private room, as `POST /api/room` makes them. */
export const PRIVATE = "0123456789abcdef".repeat(4);

const ROUTE = {
  type: "LineString",
  coordinates: [
    [2.35, 48.85],
    [2.36, 48.86],
    [2.37, 48.87],
  ],
};
const RING = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
  [0, 0],
];

async function maps(talk: Conversation): Promise<void> {
  talk.note("A map with features of every type, and a pin by the one-pin format");
  await talk.connect("pin", "/api/map?id=paris");
  await talk.send("pin", { type: "setPin", location: { lat: 48.8566, lng: 2.3522 } }, 1);
  await talk.close("pin");
  await talk.native("ada", "/map/paris/ws?user=ada");
  await talk.send("ada", { t: "hello", v: 1, client: ADA, presence: { name: "Ada" } }, 3);
  const route = { geometry: ROUTE, title: "Walk", color: "#ff0000" };
  await talk.send("ada", mutate(1, { type: "addFeature", id: "route", feature: route }), 1);
  const area = { geometry: { type: "Polygon", coordinates: [RING] }, note: "An area – 公園" };
  await talk.send("ada", mutate(2, { type: "addFeature", id: "area", feature: area }), 1);
  const cafe = {
    geometry: { type: "Point", coordinates: [-179.9999999, -89.5] },
    title: "Café",
    icon: "coffee",
    metadata: { stars: 4.5, tags: ["a"], nested: { deep: null } },
  };
  await talk.send("ada", mutate(3, { type: "addFeature", id: "cafe", feature: cafe }), 1);
  await talk.send("ada", mutate(4, { type: "addPoint", id: "route", point: [2.38, 48.88] }), 1);
  await talk.send("ada", mutate(5, { type: "addPoint", id: "route", point: [2.355, 48.855], at: 1 }), 1);
  await talk.send("ada", mutate(6, { type: "updateFeature", id: "cafe", change: { title: "Bar", icon: null } }), 1);
  await talk.send("ada", mutate(7, { type: "updateFeature", id: "area", change: { note: "taken back" } }), 1);
  await talk.send("ada", mutate(8, { type: "undo" }), 1);
  await talk.send("ada", mutate(9, { type: "addFeature", id: "removed", feature: cafe }), 1);
  await talk.send("ada", mutate(10, { type: "removeFeature", id: "removed" }), 1);
  await talk.send("ada", mutate(11, { type: "updateFeature", id: "nobody", change: { title: "?" } }), 1);
  await talk.close("ada");
  await talk.http("POST", "/map/paris/import?user=bob", {
    text: JSON.stringify({
      type: "FeatureCollection",
      features: [
        {
          type: "Feature",
          id: "imported",
          properties: { title: "In", "marker-color": "#00ff00", other: 1 },
          geometry: { type: "Point", coordinates: [10, 20] },
        },
        { type: "Feature", id: "imported-line", properties: null, geometry: ROUTE },
      ],
    }),
    headers: { "content-type": "application/geo+json", ...key("paris-import") },
  });
  await talk.http("POST", "/map/paris/versions", { json: { name: "monday" } });
  await talk.http("POST", "/map/paris/duplicate", { json: { to: "paris-copy" } });
}

async function streams(talk: Conversation): Promise<void> {
  talk.note("A stream with event ids, producers, batches and visitors");
  await talk.http("POST", "/publish", { text: '{"siteId":"shop","type":"pageview","path":"/", "n":1.0}' });
  await talk.http("POST", "/publish", { text: '{"siteId":"shop","id":"event-1","type":"click","visitor":"v1"}' });
  await talk.http("POST", "/publish", { text: '{"siteId":"shop","id":"event-1","type":"click","visitor":"v1"}' });
  await talk.http("POST", "/stream/shop", {
    text: '[{"type":"order","total":12345678901234567890},{"type":"order","total":7e2}]',
    headers: key("shop-batch"),
  });
  await talk.http("POST", "/stream/shop", {
    text: '{"type":"a","t":"日本語"}\n{"type":"b","t":"\\u0000\\ud83d\\ude00"}\n',
    headers: { "roomcast-producer": "till-1", "roomcast-seq": "1" },
  });
  await talk.http("POST", "/stream/shop", {
    text: '{"type":"c"}',
    headers: { "roomcast-producer": "till-1", "roomcast-seq": "3" },
  });
  await talk.native("ada", "/stream/shop/ws");
  await talk.send("ada", { t: "hello", v: 1, client: ADA }, 2);
  await talk.send("ada", mutate(1, { type: "publish", events: [{ data: '{"type":"native"}' }] }), 1);
  await talk.close("ada");

  talk.note("One whose first events are in the archive alone, counted in the database");
  for (let row = 0; row < 12; row += 1) {
    const events = Array.from({ length: 10 }, (_, n) => ({
      siteId: "archived",
      type: n % 2 === 0 ? "view" : "click",
      path: `/${row}`,
      n: row * 10 + n,
    }));
    await talk.http("POST", "/publish", { json: events });
  }
  talk.note("One that was cleared");
  await talk.http("POST", "/stream/cleared", { json: { type: "before" } });
  await talk.http("DELETE", "/stream/cleared");
  await talk.http("POST", "/stream/cleared", { json: { type: "after" } });
}

async function durableStreams(talk: Conversation): Promise<void> {
  const text = { "content-type": "text/plain" };
  const bytes = { "content-type": "application/octet-stream" };
  const json = { "content-type": "application/json" };
  const producer = (epoch: number, seq: number) => ({
    "producer-id": "p1",
    "producer-epoch": `${epoch}`,
    "producer-seq": `${seq}`,
  });
  talk.note("Durable streams: text, bytes, JSON; with producers; closed; with a life time; forked; deleted");
  await talk.http("PUT", "/v1/stream/text", { headers: text });
  await talk.http("POST", "/v1/stream/text", { headers: { ...text, "stream-seq": "a" }, text: "Hello, " });
  await talk.http("POST", "/v1/stream/text", { headers: { ...text, "stream-seq": "b" }, text: "Wörld 🌍\n" });
  await talk.http("PUT", "/v1/stream/bytes/of/a%20path", { headers: bytes, base64: "AAECA/8=" });
  await talk.http("POST", "/v1/stream/bytes/of/a%20path", { headers: bytes, base64: "gIGC/v8=" });
  await talk.http("PUT", "/v1/stream/json", { headers: { ...json, "stream-ttl": "31536000" } });
  await talk.http("POST", "/v1/stream/json", {
    headers: { ...json, ...producer(0, 0) },
    text: '[{"a":1.0},"text",null,[1]]',
  });
  await talk.http("POST", "/v1/stream/json", {
    headers: { ...json, ...producer(0, 1) },
    text: '{"b":12345678901234567890}',
  });
  await talk.http("POST", "/v1/stream/json", { headers: { ...json, ...producer(1, 0) }, text: '"epoch 1"' });
  await talk.http("PUT", "/v1/stream/closed", { headers: text, text: "The " });
  await talk.http("POST", "/v1/stream/closed", {
    headers: { ...text, ...producer(0, 0), "stream-closed": "true" },
    text: "end",
  });
  await talk.http("PUT", "/v1/stream/expires", {
    headers: { ...text, "stream-expires-at": "2099-01-01T00:00:00Z" },
    text: "until 2099",
  });
  await talk.http("PUT", "/v1/stream/source", { headers: text, text: "one " });
  await talk.http("POST", "/v1/stream/source", { headers: text, text: "two " });
  await talk.http("PUT", "/v1/stream/fork", { headers: { "stream-forked-from": "/v1/stream/source" } });
  await talk.http("POST", "/v1/stream/fork", { headers: text, text: "three of the fork" });
  await talk.http("POST", "/v1/stream/source", { headers: text, text: "three of the source" });
  await talk.http("PUT", "/v1/stream/lost-source", { headers: text, text: "one " });
  await talk.http("PUT", "/v1/stream/orphan", { headers: { "stream-forked-from": "/v1/stream/lost-source" } });
  await talk.http("DELETE", "/v1/stream/lost-source");
  await talk.http("PUT", "/v1/stream/deleted", { headers: text, text: "one " });
  await talk.http("DELETE", "/v1/stream/deleted");
}

async function ownKind(talk: Conversation): Promise<void> {
  talk.note("A kind of one's own");
  await talk.http("POST", "/room/counter/visits?user=ada", {
    json: { intents: [{ add: 2 }] },
    headers: key("visits-1"),
  });
  await talk.http("POST", "/room/counter/visits/versions", { json: { name: "two" } });
  await talk.native("bob", "/room/counter/visits/ws?user=bob");
  await talk.send("bob", { t: "hello", v: 1, client: BOB }, 2);
  await talk.send("bob", mutate(1, { add: 1 }, { add: 40 }), 1);
  await talk.close("bob");
}
