import { CHAT_LIMITS, SIMPLE_MESSAGE, type ChatLimits } from "../../kinds/chat/limits.ts";
import type { ChatOp, ChatState, Message } from "../../kinds/chat/types.ts";
import { own } from "../../kinds/json/object.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { Refusal, refuse } from "../../protocol/refusal.ts";
import { messagesOf, nameOf, wording } from "../chat.ts";
import type { Command, Dialect, DialectEvent, Step } from "../dialect.ts";
import { parseObject } from "../frame.ts";

/** `new`: has not said its name. `naming`: has, and the room has not taken it in yet. `named`: is in the room. */
export type JsonChatSession = "new" | "naming" | "named";

/** The close code for what is too big to process (RFC 6455). */
const TOO_BIG = 1009;

/**
 * The JSON wire format of chat rooms: a WebSocket without a subprotocol at `/api/room/<name>/websocket`.
 *
 * - The client's first frame is `{"name": "..."}`, later ones `{"message": "..."}`. Other members are ignored, so that
 *   nobody changes a name after joining.
 * - Once the name has come: `{"joined": name}` for each one present, the last 100 messages, oldest first, as
 *   `{"name", "message", "timestamp"}`, `{"joined": name}` to everybody, `{"ready": true}`. Nothing before.
 * - Then each message, `{"joined"}` and `{"quit"}` as they happen, and `{"error": text}` for what was refused.
 */
export function jsonChat(limits: () => Partial<ChatLimits> = () => ({})): Dialect<JsonChatSession, ChatState, ChatOp> {
  const longest = (): number => limits().name ?? CHAT_LIMITS.name;
  const longestMessage = (): number => limits().message ?? SIMPLE_MESSAGE;
  return {
    name: "json-chat",
    start: "new",
    outlivesLongFrames: true,
    step(session, event) {
      switch (event.type) {
        case "open":
        case "reset":
          return quiet(session);
        case "frame":
          return session === "new" ? enter(event, longest()) : speak(session, event.data, longestMessage());
        case "joined": {
          if (!event.self) return tell(session, () => [frame({ joined: nameOf(event.member) })]);
          if (session !== "naming") return quiet(session);
          return say("named", [frame({ joined: nameOf(event.member) }), frame({ ready: true })]);
        }
        case "left":
          return tell(session, () => [frame({ quit: nameOf(event.member) })]);
        case "run":
          return tell(session, () => event.run.once(() => messagesOf(event.run).map(messageFrame), "json-chat"));
        case "refused":
          return refused(session, event.refusal);
      }
    },
  };
}

type FrameEvent = Extract<DialectEvent<ChatState, ChatOp>, { readonly type: "frame" }>;

/** The first frame: the name. What was said and who came before it is told now, from the room, which may have slept. */
function enter({ data, state, roster }: FrameEvent, longest: number): Step<JsonChatSession> {
  const parsed = parseObject(data);
  if (parsed instanceof Refusal) return say("new", [frame({ error: parsed.message })]);
  const name = own(parsed, "name") ?? "";
  if (typeof name !== "string") return say("new", [frame({ error: "A name is text." })]);
  if (name.length > longest) return nameTooLong();
  const present = roster.map((member) => frame({ joined: nameOf(member) }));
  const said = state.recent.filter(({ deleted }) => deleted === undefined).map(messageFrame);
  return say("naming", [...present, ...said], [{ do: "presence", data: { name } }]);
}

function speak(session: JsonChatSession, data: string | ArrayBuffer, longest: number): Step<JsonChatSession> {
  const parsed = parseObject(data);
  if (parsed instanceof Refusal) return say(session, [frame({ error: parsed.message })]);
  const text = own(parsed, "message");
  if (typeof text !== "string") return say(session, [frame({ error: "A message is text." })]);
  if (text.length > longest) return say(session, [messageTooLong()]);
  return say(session, [], [{ do: "mutate", intents: [{ type: "send", text }] }]);
}

function refused(session: JsonChatSession, refusal: Refusal): Step<JsonChatSession> {
  // A frame that was not even read was too long for what it would have been.
  if (refusal.code === "too_large") return session === "named" ? say(session, [messageTooLong()]) : nameTooLong();
  return say(session === "naming" ? "new" : session, [frame({ error: wording(refusal) })]);
}

function nameTooLong(): Step<JsonChatSession> {
  const refusal = refuse("too_large", "Name too long.");
  return say("new", [frame({ error: refusal.message })], [{ do: "close", refusal, code: TOO_BIG }]);
}

function messageTooLong(): string {
  return frame({ error: "Message too long." });
}

function messageFrame({ name, text, at }: Message): string {
  return frame({ name, message: text, timestamp: at });
}

function frame(value: JsonObject): string {
  return JSON.stringify(value);
}

/** What only those hear who are in the room. */
function tell(session: JsonChatSession, frames: () => readonly string[]): Step<JsonChatSession> {
  return session === "named" ? say(session, frames()) : quiet(session);
}

function say(
  session: JsonChatSession,
  frames: readonly string[],
  commands: readonly Command[] = [],
): Step<JsonChatSession> {
  return { session, frames, commands };
}

function quiet(session: JsonChatSession): Step<JsonChatSession> {
  return say(session, []);
}
