import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import { sleep } from "../../../test/engine/sleep.ts";
import { edge, refusal } from "../../../test/worker/edge.ts";
import { OPEN } from "../../room/api.ts";
import type { DurableApi } from "../../room/durable/api.ts";
import type { StreamApi } from "../../room/stream/api.ts";

const { fetch } = edge({ streams: (bindings) => bindings.STREAMS });

type Room = DurableObjectStub & DurableApi & StreamApi;

/** What a test may look at, or break, inside a stream's object. */
interface Inside {
  sibling: (name: string) => unknown;
  readonly engine: {
    readonly store: { readonly meta: { get(key: string): string | undefined; set(key: string, value: string): void } };
    readonly ledger: { replace: (...args: never[]) => void };
    replace(state: unknown, reason: "restored", write: undefined, past: unknown): unknown;
  };
  readonly kind: { initial(): object };
}

function stream(name: string): Room {
  return env.STREAMS.getByName(name);
}

function inside<T>(room: Room, work: (room: Inside, state: DurableObjectState) => T | Promise<T>): Promise<T> {
  return runInDurableObject(room as unknown as DurableObjectStub<never>, (instance, state) =>
    work(instance as unknown as Inside, state),
  );
}

function send(method: string, id: string, from?: string, body?: string): Promise<Response> {
  return fetch(`/v1/stream/${id}`, {
    method,
    headers: {
      "content-type": "application/json",
      ...(from === undefined ? {} : { "stream-forked-from": `/v1/stream/${from}` }),
    },
    ...(body === undefined ? {} : { body }),
  });
}

async function statusOf(id: string): Promise<number> {
  return (await fetch(`/v1/stream/${id}`)).status;
}

async function textOf(id: string): Promise<string> {
  return (await fetch(`/v1/stream/${id}`)).text();
}

/** The room forgets everything that is not stored, and its alarm goes off with everything due. */
async function crashAndWake(room: Room): Promise<void> {
  await sleep(room);
  await inside(room, (_, { storage }) => storage.sql.exec("UPDATE alarms SET at = 0"));
  await sleep(room);
  await runDurableObjectAlarm(room);
}

/** Lets the object fail whenever it calls another one. */
function cutOff(room: Room): Promise<void> {
  return inside(room, (instance) => {
    const down = (): never => {
      throw new Error("down on purpose");
    };
    instance.sibling = () => ({ durableRelease: down, durableLease: down, durableBranch: down });
  });
}

test("Y14 of two requests that make one fork at once, the second finds it, and the source keeps its name", async () => {
  await send("PUT", "twice", undefined, '{"n":1}');
  const answers = await Promise.all([1, 2, 3].map(() => send("PUT", "twice-fork", "twice")));
  expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 200, 201]);
  expect((await send("DELETE", "twice")).status).toBe(204);
  expect([await statusOf("twice"), (await send("PUT", "twice")).status]).toEqual([410, 409]);
  expect(await textOf("twice-fork")).toBe('[{"n":1}]');
  await send("DELETE", "twice-fork");
  expect(await statusOf("twice")).toBe(404);
});

test("Y14 a source whose fork crashed before it was made asks it, and is free", async () => {
  await send("PUT", "asks", undefined, '{"n":1}');
  expect(await stream("asks").durableBranch({ from: "asks", sub: 0 }, undefined, "asks-fork")).toMatchObject({
    is: "branch",
  });
  await send("DELETE", "asks");
  expect(await statusOf("asks")).toBe(410);
  await crashAndWake(stream("asks"));
  expect([await statusOf("asks"), await statusOf("asks-fork")]).toEqual([404, 404]);
});

test("Y14 a source asks the forks that were made once, and stays gone until they are deleted", async () => {
  await send("PUT", "held", undefined, '{"n":1}');
  await send("PUT", "held-fork", "held");
  await send("DELETE", "held");
  await crashAndWake(stream("held"));
  expect(await statusOf("held")).toBe(410);
  expect(await inside(stream("held"), ({ engine }) => engine.store.meta.get("durable-forks"))).toContain('"held":true');
  const planned = (_: Inside, { storage }: DurableObjectState): unknown[] =>
    storage.sql.exec("SELECT task FROM alarms WHERE task = 'confirm-forks'").toArray();
  expect(await inside(stream("held"), planned)).toEqual([]);
  await send("DELETE", "held-fork");
  expect(await statusOf("held")).toBe(404);
});

test("Y8 Y14 a fork that crashed before its first op is not there, and its source is free of it", async () => {
  await send("PUT", "half", undefined, '{"n":1}');
  const branch = await stream("half").durableBranch({ from: "half", sub: 0 }, undefined, "half-fork");
  if ("ok" in branch || branch.is !== "branch") throw new Error("no branch");
  await inside(stream("half-fork"), ({ engine, kind }) => {
    const { point, config, rows, lease = "" } = branch;
    const durable = { ...config, fork: point, ops: point.seq, tail: point.seq, producers: {} };
    engine.replace({ ...kind.initial(), count: 1, durable }, "restored", undefined, { seq: point.seq, rows });
    engine.store.meta.set("durable-source", "half");
    engine.store.meta.set("durable-source-token", lease);
  });
  await sleep(stream("half-fork"));
  expect((await send("PUT", "half-fork", "half", '{"n":2}')).status).toBe(201);
  expect(await textOf("half-fork")).toBe('[{"n":1},{"n":2}]');
  await send("DELETE", "half-fork");
  await send("DELETE", "half");
  expect(await statusOf("half")).toBe(404);
});

test("Y14 a fork that is deleted while its source cannot be reached releases it later", async () => {
  await send("PUT", "later", undefined, '{"n":1}');
  await send("PUT", "later-fork", "later");
  await send("DELETE", "later");
  await cutOff(stream("later-fork"));
  expect((await send("DELETE", "later-fork")).status).toBe(204);
  expect(await statusOf("later")).toBe(410);
  await crashAndWake(stream("later-fork"));
  expect(await statusOf("later")).toBe(404);
});

test("Y14 a release that arrives late leaves the source to the fork that was made since", async () => {
  await send("PUT", "late", undefined, '{"n":1}');
  await send("PUT", "late-fork", "late");
  await cutOff(stream("late-fork"));
  await send("DELETE", "late-fork");
  await sleep(stream("late-fork"));
  expect((await send("PUT", "late-fork", "late")).status).toBe(201);
  await crashAndWake(stream("late-fork"));
  await send("DELETE", "late");
  expect(await statusOf("late")).toBe(410);
  await send("DELETE", "late-fork");
  expect(await statusOf("late")).toBe(404);
});

test("Y14 a fork of a fork frees the whole chain, also where a link could not be reached", async () => {
  await send("PUT", "root", undefined, '{"n":1}');
  await send("PUT", "middle", "root");
  await send("PUT", "leaf", "middle");
  await send("DELETE", "root");
  await send("DELETE", "middle");
  await cutOff(stream("middle"));
  await send("DELETE", "leaf");
  expect([await statusOf("root"), await statusOf("middle")]).toEqual([410, 404]);
  await crashAndWake(stream("middle"));
  expect(await statusOf("root")).toBe(404);
});

test("Y14 clearing a stream that has forks leaves its name to them; clearing a fork releases its source", async () => {
  await send("PUT", "cleared", undefined, '{"n":1}');
  await send("PUT", "cleared-fork", "cleared");
  expect((await fetch("/stream/cleared", { method: "DELETE" })).status).toBe(200);
  expect([await statusOf("cleared"), (await send("PUT", "cleared")).status]).toEqual([410, 409]);
  expect(await refusal(await fetch("/stream/cleared", { method: "POST", body: "{}" }))).toBe("409 conflict");
  expect(await textOf("cleared-fork")).toBe('[{"n":1}]');
  expect(await stream("cleared-fork").clear(OPEN)).toMatchObject({ ok: true });
  expect(await statusOf("cleared")).toBe(404);
});

test("C3 Y14 a stream that storage does not let go of is still there, and its writer is told so", async () => {
  await send("PUT", "stuck", undefined, '{"n":1}');
  await inside(stream("stuck"), ({ engine }) => {
    engine.ledger.replace = () => {
      throw new Error("no space on purpose");
    };
  });
  expect(await refusal(await send("DELETE", "stuck"))).toMatch(/ storage_failed$/);
  expect(await textOf("stuck")).toBe('[{"n":1}]');
  await sleep(stream("stuck"));
  expect((await send("DELETE", "stuck")).status).toBe(204);
  expect(await statusOf("stuck")).toBe(404);
});

test("Y14 a source that storage does not free is freed by the fork's next try", async () => {
  await send("PUT", "slow", undefined, '{"n":1}');
  await send("PUT", "slow-fork", "slow");
  await send("DELETE", "slow");
  await inside(stream("slow"), ({ engine }) => {
    engine.ledger.replace = () => {
      throw new Error("no space on purpose");
    };
  });
  expect((await send("DELETE", "slow-fork")).status).toBe(204);
  await sleep(stream("slow"));
  expect(await statusOf("slow")).toBe(410);
  await crashAndWake(stream("slow-fork"));
  expect(await statusOf("slow")).toBe(404);
});

test("Y14 a source that cannot be asked makes no fork, and nothing of it stays", async () => {
  await send("PUT", "away", undefined, '{"n":1}');
  await cutOff(stream("away-fork"));
  expect(await refusal(await send("PUT", "away-fork", "away"))).toMatch(/ storage_failed$/);
  expect(await statusOf("away-fork")).toBe(404);
});

test("Y14 what older code left gone for good, for a fork that was never made, is free once somebody asks for it", async () => {
  await send("PUT", "legacy", undefined, '{"n":1}');
  await send("DELETE", "legacy");
  await inside(stream("legacy"), ({ engine }) => {
    engine.store.meta.set("durable-forks", '["never-made"]');
    engine.store.meta.set("durable-gone", "1");
  });
  await sleep(stream("legacy"));
  expect(await statusOf("legacy")).toBe(410);
  await vi.waitFor(async () => expect(await statusOf("legacy")).toBe(404));
});

test("Y14 a fork of older code, whose lease has no token, still keeps and releases its source", async () => {
  await send("PUT", "old", undefined, '{"n":1}');
  await send("PUT", "old-fork", "old");
  await inside(stream("old"), ({ engine }) => engine.store.meta.set("durable-forks", '["old-fork"]'));
  await inside(stream("old-fork"), (_, { storage }) =>
    storage.sql.exec("DELETE FROM meta WHERE key = 'durable-source-token'"),
  );
  await send("DELETE", "old");
  await crashAndWake(stream("old"));
  expect(await statusOf("old")).toBe(410);
  await send("DELETE", "old-fork");
  expect(await statusOf("old")).toBe(404);
});
