import type { DocumentHandle } from "../../../src/client/types.ts";
import type { Script } from "./script.ts";

/** As the conversation makes them. */
const TOKEN = /token-\d+/g;

const KEYS = ["a", "b", "c", "d"];

export const document: Script<DocumentHandle<never>> = {
  binding: "DOCUMENTS",
  path: (id) => `/doc/${id}`,
  paths: ["/get"],
  open: (rooms, id) => rooms.document(id),
  mutate: (handle, chance, token, filler) => {
    const key = chance.pick(KEYS);
    const put = { type: "merge", value: { [key]: token } } as const;
    switch (
      chance.weighted({
        merge: 4,
        count: 2,
        patch: 2,
        set: 0.3,
        big: 0.3,
        same: 1,
        test: 1,
        guarded: 1,
      })
    ) {
      case "merge":
        return { token, promise: handle.mutate(put) };
      case "count":
        return {
          token,
          promise: handle.mutate([put, { type: "update", fields: [{ op: "increment", path: "/n", by: 1 }] }]),
        };
      case "patch":
        return {
          token,
          promise: handle.patch([
            { op: "add", path: `/${key}`, value: token },
            ...(chance.happens(0.3)
              ? [{ op: "remove", path: `/${chance.pick(KEYS.filter((other) => other !== key))}` } as const]
              : []),
          ]),
        };
      case "set":
        return { token, promise: handle.mutate({ type: "set", value: { [key]: token } }) };
      case "big":
        return {
          token,
          promise: handle.mutate({ type: "merge", value: { [key]: token, x: "x".repeat(chance.below(filler)) } }),
        };
      case "same":
        // Changes nothing the second time.
        return { token: undefined, promise: handle.mutate({ type: "merge", value: { fixed: 1 } }) };
      case "test":
        return {
          token,
          promise: handle.patch([
            { op: "test", path: `/${key}`, value: "something else" },
            { op: "add", path: `/${key}`, value: token },
          ]),
        };
      case "guarded": {
        const { version } = handle;
        return { token, promise: handle.mutate(put, version === undefined ? {} : { ifVersion: version }) };
      }
    }
  },
  large: (handle, token, filler) => ({
    token,
    promise: handle.mutate({ type: "merge", value: { a: token, x: "x".repeat(filler) } }),
  }),
  request: (chance, token) => ({
    path: "",
    body: JSON.stringify([{ type: "merge", value: { [chance.pick(KEYS)]: token } }]),
  }),
  tokens: (op) => JSON.stringify(op).match(TOKEN) ?? [],
  presence: (_, token) => ({ name: token }),
  shown: (handle) => handle.value,
  stored: (state) => state,
  simple: [
    {
      address: (id) => `/doc/${id}/ws`,
      hello: [],
      write: (chance, token) => JSON.stringify({ op: "merge", value: { [chance.pick(KEYS)]: token } }),
      shown: (frames) => {
        let value: Record<string, unknown> | undefined;
        for (const text of frames) {
          const frame = JSON.parse(text) as {
            type: string;
            value?: Record<string, unknown>;
            patch?: { op: string; value: Record<string, unknown> };
          };
          if (frame.type === "snapshot") value = frame.value;
          else if (frame.type === "patch" && frame.patch !== undefined) {
            if (value === undefined) throw new Error("W1: a patch came before the snapshot");
            value = frame.patch.op === "set" ? frame.patch.value : { ...value, ...frame.patch.value };
          }
        }
        return value;
      },
      stored: (state) => state,
    },
  ],
};
