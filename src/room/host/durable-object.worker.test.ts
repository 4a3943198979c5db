import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { describeHost } from "./contract.ts";
import { hostOf } from "./durable-object.ts";

let count = 0;

describeHost("a Durable Object", async (work) => {
  count += 1;
  await runInDurableObject(env.LABS.getByName(`host-contract-${count}`), async (_, state) => {
    const host = hostOf(state);
    await work({ host, socket: () => new WebSocketPair()[1] });
    // The room of this object never learns of these.
    for (const socket of host.sockets.all()) socket.close(1000, "");
    await state.storage.deleteAlarm();
  });
});
