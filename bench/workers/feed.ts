import { defineKind, Room } from "../../src/server.ts";
import * as v from "valibot";

interface FeedState {
  readonly count: number;
}

interface Message {
  readonly text: string;
}

/** A user's own kind, as small as one gets: messages that everybody sees, and a count of them. */
const feed = defineKind<FeedState, Message, Message>({
  name: "feed",
  version: 1,
  initial: () => ({ count: 0 }),
  intents: v.object({ text: v.string() }),
  decide: (_state, intent) => [intent],
  fold: (state) => ({ count: state.count + 1 }),
});

export class FeedRoom extends Room<FeedState, Message, Message> {
  override readonly kind = feed;
}
