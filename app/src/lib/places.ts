import type { RoomPage } from "../route.ts";
import { load, save } from "./storage.ts";

/** A room that was open in this browser. */
export interface Place {
  readonly page: RoomPage;
  readonly id: string;
  /** When it was last open, milliseconds since 1970. */
  readonly at: number;
}

const MOST = 8;
const PAGES: ReadonlySet<unknown> = new Set<RoomPage>(["document", "chat", "live", "map"]);

/** The rooms last open in this browser, newest first. */
export function recentPlaces(): readonly Place[] {
  const stored = load("places");
  return Array.isArray(stored) ? stored.filter(isPlace) : [];
}

export function rememberPlace(page: RoomPage, id: string): void {
  save("places", [{ page, id, at: Date.now() }, ...without(page, id)].slice(0, MOST));
}

export function forgetPlace(page: RoomPage, id: string): void {
  save("places", without(page, id));
}

function without(page: RoomPage, id: string): readonly Place[] {
  return recentPlaces().filter((place) => place.page !== page || place.id !== id);
}

function isPlace(value: unknown): value is Place {
  if (typeof value !== "object" || value === null) return false;
  const { page, id, at } = value as Partial<Record<keyof Place, unknown>>;
  return PAGES.has(page) && typeof id === "string" && typeof at === "number";
}
