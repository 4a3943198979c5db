import { load, save } from "../lib/storage.ts";
import { Store } from "./store.ts";

export interface RecentRoom {
  readonly id: string;
  /** When it was last open, milliseconds since 1970. */
  readonly at: number;
  /** The number of the last message that was seen there; 0 for none. */
  readonly read: number;
  /** The history that it is a number of: another one begins at 1 again. */
  readonly epoch?: string;
}

const MOST = 12;
const LONGEST_NAME = 32;
const PRIVATE = /^[0-9a-f]{64}$/;

/** The rooms last open in this browser, newest first. */
export function recentRooms(): readonly RecentRoom[] {
  const stored = load("chats");
  return Array.isArray(stored) ? stored.filter(isRecent) : [];
}

export function rememberRoom(id: string, at: number): void {
  const rooms = recentRooms();
  const { read = 0, epoch } = rooms.find((room) => room.id === id) ?? {};
  write(
    [{ id, at, read, ...(epoch !== undefined && { epoch }) }, ...rooms.filter((room) => room.id !== id)].slice(0, MOST),
  );
}

export function rememberRead(id: string, read: number, epoch: string): void {
  const after = (room: RecentRoom): RecentRoom => {
    const before = room.epoch === undefined || room.epoch === epoch ? room.read : 0;
    return { ...room, read: Math.max(before, read), epoch };
  };
  write(recentRooms().map((room) => (room.id === id ? after(room) : room)));
}

export function forgetRoom(id: string): void {
  write(recentRooms().filter((room) => room.id !== id));
}

function write(rooms: readonly RecentRoom[]): void {
  save("chats", rooms);
  recentList.changed();
}

/** The same list as an object that says when it changes, in this tab or in another one. */
class RecentList extends Store {
  #rooms: readonly RecentRoom[] = [];

  readonly get = (): readonly RecentRoom[] => {
    const rooms = recentRooms();
    if (JSON.stringify(rooms) !== JSON.stringify(this.#rooms)) this.#rooms = rooms;
    return this.#rooms;
  };

  readonly follow = (listener: () => void): (() => void) => {
    const unsubscribe = this.subscribe(listener);
    window.addEventListener("storage", listener);
    return () => {
      unsubscribe();
      window.removeEventListener("storage", listener);
    };
  };

  changed(): void {
    this.emit();
  }
}

export const recentList = new RecentList();

/** A room that only those find who have its link. */
export function isPrivate(id: string): boolean {
  return PRIVATE.test(id);
}

/** What to call a room: its name, or a piece of a private one's, by which one knows it again. */
export function roomTitle(id: string): string {
  return isPrivate(id) ? `Private ${id.slice(0, 6)}` : id;
}

/** Why there can be no such room. */
export function unfit(id: string): string | undefined {
  if (isPrivate(id) || id.length <= LONGEST_NAME) return undefined;
  return `A room's name has at most ${LONGEST_NAME} characters; this one has ${id.length}.`;
}

/** A link to a room that nobody can guess. */
export async function makePrivateRoom(): Promise<string> {
  const response = await fetch("/api/room", { method: "POST" });
  const id = (await response.text()).trim();
  if (!response.ok || !isPrivate(id)) throw new Error("The server made no room.");
  return id;
}

/** Storage may hold anything, and a client throws for what no room can be called. */
function canBeRoom(id: string): boolean {
  return unfit(id) === undefined && id.isWellFormed() && !/^\.{0,2}$|\p{Cc}/u.test(id);
}

function isRecent(value: unknown): value is RecentRoom {
  if (typeof value !== "object" || value === null) return false;
  const { id, at, read, epoch } = value as Partial<Record<keyof RecentRoom, unknown>>;
  const whole = typeof id === "string" && canBeRoom(id) && typeof at === "number" && typeof read === "number";
  return whole && (epoch === undefined || typeof epoch === "string");
}
