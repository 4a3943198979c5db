import { env } from "cloudflare:workers";
import { asciiJson } from "../../src/edge/admission.ts";
import { SUBPROTOCOL } from "../../src/protocol/version.ts";
import { ADMISSION_HEADER, DIALECT_HEADER, PARAMS_HEADER } from "../../src/room/api.ts";
import type { Chats } from "../worker/rooms.ts";
import { Peer } from "./peer.ts";

export type Room = DurableObjectStub<Chats>;
export type Format = "native" | "json" | "line";
export type Frame = string | ArrayBuffer;

let rooms = 0;
export const freshRoom = (): Room => env.CHATS.getByName(`hostile-${(rooms += 1)}`);

let addresses = 0;
/** A guest at an address that nobody else has. */
export function guest(): Record<string, string> {
  addresses += 1;
  const address = `203.${addresses >> 8}.113.${addresses & 255}`;
  return { [ADMISSION_HEADER]: JSON.stringify({ can: ["read", "write"], address }) };
}

export const FORMATS: Readonly<Record<Format, (name: string) => Record<string, string>>> = {
  native: () => ({ "Sec-WebSocket-Protocol": SUBPROTOCOL }),
  json: () => ({ [DIALECT_HEADER]: "json-chat" }),
  line: (name) => ({ [DIALECT_HEADER]: "line-chat", [PARAMS_HEADER]: asciiJson({ name }) }),
};

/** Connects, and says nothing yet. */
export function knock(room: Room, format: Format, name = ""): Promise<Peer> {
  return Peer.connect(room, { ...FORMATS[format](name), ...guest() });
}

export async function join(room: Room, format: Format, name: string): Promise<Peer> {
  const peer = await knock(room, format, name);
  if (format === "native") await peer.hello({ presence: { name } });
  if (format === "json") peer.socket.send(JSON.stringify({ name }));
  return peer;
}

/** The text of the message that a line is, where it is one. */
export function textOf(line: string): string {
  if (!line.startsWith("{")) return line;
  const { message, t, entries } = JSON.parse(line) as {
    readonly message?: string;
    readonly t?: string;
    readonly entries?: readonly { readonly ops: readonly { readonly message?: { readonly text: string } }[] }[];
  };
  return t === "ops" ? (entries?.[0]?.ops[0]?.message?.text ?? "") : (message ?? "");
}

/** All that a peer hears before the message of this text. The native roster, which gathers for a while, apart. */
export async function heardBefore(peer: Peer, text: string): Promise<readonly string[]> {
  const heard: string[] = [];
  for (;;) {
    const line = await peer.line();
    if (textOf(line) === text) return heard;
    if (!line.startsWith('{"t":"presence"')) heard.push(line);
  }
}

export interface Company {
  readonly room: Room;
  readonly members: Readonly<Record<Format, Peer>>;
}

/** A room with a member in each format. */
export async function company(): Promise<Company> {
  const room = freshRoom();
  const members = {
    native: await join(room, "native", "Nat"),
    json: await join(room, "json", "Jay"),
    line: await join(room, "line", "Lin"),
  };
  return { room, members };
}

let words = 0;
/** The Worker says something that nobody has said before. */
export async function said(room: Room): Promise<string> {
  const text = `word ${(words += 1)}`;
  await room.send(text);
  return text;
}

export async function settled(room: Room, peers: readonly Peer[]): Promise<void> {
  const text = await said(room);
  for (const peer of peers) await heardBefore(peer, text);
}

/** What each of them hears until the Worker says something. */
export async function overheard({ room, members }: Company, eve?: Peer): Promise<Heard> {
  const text = await said(room);
  const { native, json, line } = members;
  return {
    native: await heardBefore(native, text),
    json: await heardBefore(json, text),
    line: await heardBefore(line, text),
    ...(eve === undefined ? {} : { eve: await heardBefore(eve, text) }),
  };
}

export type Heard = Readonly<Record<Format, readonly string[]>> & { readonly eve?: readonly string[] };

/** Goes, and the room knows. */
export async function leave(peer: Peer): Promise<void> {
  peer.socket.close(1000);
  await peer.closed;
}
