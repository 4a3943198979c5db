import type { Room } from "../../../src/client/types.ts";
import { tally as kind, type Tally, type TallyIntent, type TallyOp } from "../kinds.ts";
import type { Chance } from "../random.ts";
import type { Script } from "./script.ts";

function intent(chance: Chance, token: string): readonly TallyIntent[] {
  switch (chance.weighted({ append: 4, take: 2, stamp: 2, two: 1 })) {
    case "append":
      return [{ type: "append", tag: token }];
    case "take":
      return [{ type: "take", tag: token }];
    case "stamp":
      return [{ type: "stamp", tag: token }];
    case "two":
      return [
        { type: "add", by: 1 },
        { type: "append", tag: token },
      ];
  }
}

export const tally: Script<Room<Tally, TallyIntent>> = {
  binding: "TALLIES",
  path: (id) => `/room/tally/${id}`,
  open: (rooms, id) => rooms.room(kind, id),
  mutate: (handle, chance, token) =>
    chance.happens(0.1)
      ? { token: undefined, promise: handle.mutate({ type: "nothing" }) }
      : { token, promise: handle.mutate(intent(chance, token)) },
  large: (handle, token, filler) => ({
    token,
    promise: handle.mutate([
      { type: "append", tag: token },
      { type: "append", tag: "x".repeat(filler) },
    ]),
  }),
  request: (chance, token) => ({ path: "", body: JSON.stringify(intent(chance, token)) }),
  tokens: (op: TallyOp) => (op.type === "append" ? [op.tag] : []),
  presence: (_, token) => ({ name: token }),
  shown: (handle) => handle.state,
  stored: (state) => state,
  simple: [],
};
