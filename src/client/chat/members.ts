import { personOf } from "../../kinds/chat/person.ts";
import type { ChatPresence, Person } from "../../kinds/chat/types.ts";
import type { ChatMember, Peer } from "../types.ts";

export interface Census {
  readonly members: readonly ChatMember[];
  /** When the next of them stops typing unless they go on, by the room's clock; undefined while nobody types. */
  readonly until: number | undefined;
}

/** Who is here besides `me`, each person once: by name, so that they stand still. */
export function countMembers(peers: readonly Peer<ChatPresence>[], me: Person | undefined, now: number): Census {
  const byPerson = new Map<string, ChatMember>();
  let until: number | undefined;
  for (const peer of peers) {
    const { name, color, typing = 0 } = peer.data;
    const person = personOf(peer);
    if (person === me) continue;
    const types = typing > now;
    if (types) until = Math.min(until ?? typing, typing);
    byPerson.set(person, {
      person,
      name,
      ...(color !== undefined && { color }),
      typing: types || byPerson.get(person)?.typing === true,
    });
  }
  const members = [...byPerson.values()].sort((a, b) =>
    a.name === b.name ? (a.person < b.person ? -1 : 1) : a.name < b.name ? -1 : 1,
  );
  return { members, until };
}
