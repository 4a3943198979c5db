import type { Person } from "./types.ts";

/** One who has neither a user's id nor a public name: the Worker's own code, or a guest who writes over HTTP. */
export const NOBODY: Person = "g:";

interface Known {
  readonly user?: { readonly id: string };
  readonly guest?: string;
  readonly by?: string;
}

/** Who somebody is to a chat room: what messages, reactions and sanctions are under. */
export function personOf({ user, guest, by }: Known): Person {
  return user === undefined ? `g:${guest ?? by ?? ""}` : `u:${user.id}`;
}
