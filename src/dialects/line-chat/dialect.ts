import { CHAT_LIMITS, SIMPLE_MESSAGE, type ChatLimits } from "../../kinds/chat/limits.ts";
import { ANONYMOUS } from "../../kinds/chat/names.ts";
import type { ChatOp, ChatState, Message } from "../../kinds/chat/types.ts";
import { refuse } from "../../protocol/refusal.ts";
import { messagesOf, wording } from "../chat.ts";
import type { Command, Dialect, Step } from "../dialect.ts";

/** The close code for what is too big to process (RFC 6455). */
const TOO_BIG = 1009;
const TOO_LONG = "Message too long.";

/**
 * The line format of chat rooms: a WebSocket without a subprotocol at `/chat/<room>`.
 *
 * - Each text frame is a message, and reaches everybody as it is; one of an author who has a name, as `name: text`.
 *   `?name=` gives a client of this format one.
 * - `User joined.` and `User left.` as members come and go, one's own coming included.
 * - To the sender alone, as a line, why a message was refused.
 *
 * There is nothing to remember of a connection.
 */
export function lineChat(limits: () => Partial<ChatLimits> = () => ({})): Dialect<null, ChatState, ChatOp> {
  const longest = (): number => limits().name ?? CHAT_LIMITS.name;
  const longestMessage = (): number => limits().message ?? SIMPLE_MESSAGE;
  return {
    name: "line-chat",
    start: null,
    outlivesLongFrames: true,
    step(_session, event) {
      switch (event.type) {
        case "open": {
          const name = event.params["name"] ?? "";
          if (typeof name === "string" && name.length <= longest())
            return say([], [{ do: "presence", data: { name } }]);
          const refusal = refuse("too_large", "Name too long.");
          return say([refusal.message], [{ do: "close", refusal, code: TOO_BIG }]);
        }
        case "frame":
          if (typeof event.data !== "string") return say(["Binary frames are not read here; send text."]);
          if (event.data.length > longestMessage()) return say([TOO_LONG]);
          return say([], [{ do: "mutate", intents: [{ type: "send", text: event.data }] }]);
        case "joined":
          return say(["User joined."]);
        case "left":
          return say(["User left."]);
        case "run":
          return say(event.run.once(() => messagesOf(event.run).map(line), "line-chat"));
        case "reset":
          return say([]);
        case "refused":
          return say([event.refusal.code === "too_large" ? TOO_LONG : wording(event.refusal)]);
      }
    },
  };
}

function line({ name, text }: Message): string {
  return name === ANONYMOUS ? text : `${name}: ${text}`;
}

function say(frames: readonly string[], commands: readonly Command[] = []): Step<null> {
  return { session: null, frames, commands };
}
