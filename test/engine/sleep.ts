import { evictDurableObject } from "cloudflare:test";

/** Puts a room to sleep as the platform would: once its work is done, with its sockets open. One that sleeps stays so. */
export async function sleep(room: DurableObjectStub): Promise<void> {
  try {
    await evictDurableObject(room);
  } catch (error) {
    if (!String(error).includes("not currently running")) throw error;
  }
}
