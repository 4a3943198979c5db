import { randomBytes } from "node:crypto";
import { PROTOCOL_VERSION, SUBPROTOCOL } from "../../src/protocol/version.ts";

/** How a contestant's clients speak, above WebSocket frames. */
export interface Codec {
  readonly subprotocol?: string;
  /** The frames to send once connected. */
  readonly greet: () => readonly string[];
  /** Whether this frame says that the connection is now subscribed; absent where it is from the start. */
  readonly isReady?: (text: string) => boolean;
  /** The text frame that publishes message `seq` (from 1, rising by one) of one publisher. */
  readonly publish: (publisher: number, seq: number, payload: string) => string;
  /** Whether a frame without messages asks for an answer, and which. */
  readonly answer?: (text: string) => string | undefined;
  /** Whether a frame with messages may ask for an answer too, by a look that costs nothing; never where absent. */
  readonly mayAsk?: (bytes: Uint8Array, start: number, end: number) => boolean;
}

const plain: Codec = { greet: () => [], publish: (_publisher, _seq, payload) => payload };

/** engine.io 4 packets around socket.io 5 packets, as its own client sends them over a WebSocket. */
const socketIo: Codec = {
  greet: () => ["40"],
  isReady: (text) => text.startsWith("40"),
  publish: (_publisher, _seq, payload) => `42["message","${payload}"]`,
  answer: (text) => (text === "2" ? "3" : undefined),
};

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** A mark is a line of its own, the first (`{"t":"m`) or the last (it ends in its number) of a frame. */
const MARK = /"t":"mark","n":(\d+)/g;

function roomcast(intent: (publisher: number, payload: string) => string, more: object = {}): Codec {
  return {
    subprotocol: SUBPROTOCOL,
    greet: () => [
      JSON.stringify({ t: "hello", v: PROTOCOL_VERSION, client: randomBytes(16).toString("hex"), ...more }),
    ],
    isReady: (text) => text.includes('"t":"snapshot"'),
    publish: (publisher, seq, payload) => `{"t":"mutate","m":${seq},"intents":[${intent(publisher, payload)}]}`,
    answer: (text) => {
      const refused = text.indexOf('"t":"refused"');
      if (refused >= 0) throw new Error(`the room refused: ${text.slice(refused - 1, refused + 200)}`);
      const newest = [...text.matchAll(MARK)].at(-1)?.[1];
      return newest === undefined ? undefined : `{"t":"ack","n":${newest}}`;
    },
    mayAsk: (bytes, start, end) => isDigit(bytes[end - 2] ?? 0) || bytes[start + 6] === 0x6d,
  };
}

export const CODECS = {
  plain,
  socketIo,
  roomcastFeed: roomcast((_publisher, payload) => `{"text":"${payload}"}`),
  // Everybody is on the roster, by name, and is told who comes and goes.
  roomcastChat: roomcast((_publisher, payload) => `{"type":"send","text":"${payload}"}`, { presence: { name: "Ada" } }),
  roomcastDocument: roomcast((publisher, payload) => `{"type":"merge","value":{"p${publisher}":"${payload}"}}`),
} as const satisfies Record<string, Codec>;

export type CodecName = keyof typeof CODECS;
