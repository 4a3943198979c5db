import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { asciiJson, encodeAdmission } from "../../src/edge/admission.ts";
import { ADMISSION_HEADER, DIALECT_HEADER, OPEN, PARAMS_HEADER } from "../../src/room/api.ts";
import { Peer } from "./peer.ts";
import { sleep } from "./sleep.ts";

let names = 0;

async function fresh(): Promise<DurableObjectStub> {
  const room = env.DOCUMENTS.getByName(`simple-${(names += 1)}`);
  await limit(room);
  return room;
}

/** To be called again after a sleep. */
async function limit(room: DurableObjectStub): Promise<void> {
  await runInDurableObject(room, (instance) => void Object.assign(instance, { limits: { simpleConnections: 2 } }));
}

function from(address: string | undefined): Record<string, string> {
  return { [ADMISSION_HEADER]: encodeAdmission({ ...OPEN, ...(address === undefined ? {} : { address }) }) };
}

function simple(room: DurableObjectStub, address?: string): Promise<Peer> {
  return Peer.connect(room, {
    [DIALECT_HEADER]: "json-document",
    [PARAMS_HEADER]: asciiJson({}),
    ...from(address),
  });
}

describe("connections without flow control", () => {
  test("F7 are limited for each network address, and the refusal says what to do", async () => {
    const room = await fresh();
    await simple(room, "203.0.113.1");
    const second = await simple(room, "203.0.113.1");
    const refusal = simple(room, "203.0.113.1");
    await expect(refusal).rejects.toThrow("room_full");
    await expect(refusal).rejects.toThrow("roomcast.v1");
    await simple(room, "203.0.113.2");
    await Peer.native(room, from("203.0.113.1"));
    second.socket.close(1000);
    await second.closed;
    await simple(room, "203.0.113.1");
  });

  test("F7 of one IPv6 network count together, also those from before the room slept", async () => {
    const room = await fresh();
    await simple(room, "2001:db8::1");
    await simple(room, "2001:db8::2");
    await sleep(room);
    await limit(room);
    await expect(simple(room, "2001:db8::3")).rejects.toThrow("room_full");
    await simple(room, "2001:db8:0:1::1");
  });

  test("F7 are not limited where no address is known", async () => {
    const room = await fresh();
    for (let n = 0; n < 5; n += 1) await simple(room);
    await expect(simple(room)).resolves.toBeDefined();
  });
});
