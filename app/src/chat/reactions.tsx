import type { ChatMessage } from "roomcast";
import { useTalk } from "./talk.ts";

/** What the picker offers, with the words for those who do not see it. */
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

/** Who reacted to a message, by reaction; each is a button that adds or takes back one's own. */
export function Reactions({ message, me = "" }: Props) {
  const talk = useTalk();
  const { n, reactions = {} } = message;
  const entries = Object.entries(reactions);
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
