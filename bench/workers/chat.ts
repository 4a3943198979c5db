import { ChatRoom } from "../../src/server.ts";

/** As many as are in a row of the log when twenty people talk at once. */
const AT_ONCE = 10;

export class BenchChatRoom extends ChatRoom {
  /** Says so many things of about 100 characters. */
  async fill({ messages }: { readonly messages: number }): Promise<{ readonly count: number }> {
    for (let sent = 0; sent < messages; sent += AT_ONCE) {
      const intents = Array.from({ length: Math.min(AT_ONCE, messages - sent) }, (_, i) => ({
        type: "send" as const,
        text: `Message ${sent + i} ${"of no importance ".repeat(5)}`,
      }));
      await this.transact(intents);
    }
    return { count: messages };
  }
}
