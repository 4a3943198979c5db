import type { Room } from "../../../src/client/types.ts";
import type { Tally, TallyIntent, TallyOp } from "../../../src/client/fixtures/tally.ts";
import { newTally, type NewTally, type NewTallyOp, tally as kind } from "../kinds.ts";
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

export const tally: Script<Room<Tally | NewTally, TallyIntent>> = {
  binding: "TALLIES",
  path: (id) => `/room/tally/${id}`,
  paths: [],
  open: (rooms, id, isNew) => (isNew ? rooms.room(newTally, id) : rooms.room(kind, id)),
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
  tokens: (op: TallyOp | NewTallyOp) => {
    if (op.type === "add") return [];
    return [typeof op.tag === "string" ? op.tag : op.tag.name];
  },
  presence: (_, token) => ({ name: token }),
  shown: (handle) => handle.state,
  stored: (state) => state,
  simple: [],
};
