import type { ChatMessage } from "roomcast";
import { normalizeEmoji } from "../../../src/kinds/chat/emoji.ts";
import { useTalk } from "./talk.ts";

/** The reactions one click away, with their names for screen readers. All others are in the picker. */
export const REACTIONS: readonly (readonly [reaction: string, name: string])[] = [
  ["👍", "thumbs up"],
  ["❤️", "heart"],
  ["😂", "tears of joy"],
  ["🎉", "party"],
  ["😮", "astonished"],
  ["😢", "sad"],
  ["🙏", "thanks"],
  ["👀", "eyes"],
  ["✅", "done"],
  ["🔥", "fire"],
  ["👏", "applause"],
  ["🚀", "rocket"],
  ["🤔", "thinking"],
  ["😅", "phew"],
  ["🙌", "hooray"],
  ["👎", "thumbs down"],
  ["💯", "a hundred"],
  ["☕", "coffee"],
];

const NAMES = new Map(REACTIONS);

interface Props {
  readonly message: ChatMessage;
  readonly me: string | undefined;
}

/** Rooms used to store `❤` and `❤️` apart; they are one reaction. */
function bySpelling(
  reactions: NonNullable<ChatMessage["reactions"]>,
): readonly (readonly [string, readonly string[]])[] {
  const entries = new Map<string, readonly [string, readonly string[]]>();
  for (const [reaction, persons] of Object.entries(reactions)) {
    const key = normalizeEmoji(reaction);
    entries.set(key, [key, [...new Set([...(entries.get(key)?.[1] ?? []), ...persons])]]);
  }
  return [...entries.values()];
}

/** Who reacted to a message, by reaction; each is a button that adds or takes back one's own. */
export function Reactions({ message, me = "" }: Props) {
  const talk = useTalk();
  const { n, reactions = {} } = message;
  const entries = bySpelling(reactions);
  if (entries.length === 0) return null;
  return (
    <ul className="reactions" aria-label="Reactions">
      {entries.map(([reaction, persons]) => {
        const own = persons.includes(me);
        const names = persons.slice(0, 12).map(talk.nameOf).join(", ");
        return (
          <li key={reaction}>
            <button
              type="button"
              aria-pressed={own}
              aria-label={`${NAMES.get(reaction) ?? reaction}, ${persons.length}: ${names}`}
              title={names}
              disabled={n === 0}
              onClick={() =>
                talk.attempt(own ? talk.chat.unreact(n, reaction) : talk.chat.react(n, reaction), "The reaction")
              }
            >
              <bdi className="reaction">{reaction}</bdi> {persons.length}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
