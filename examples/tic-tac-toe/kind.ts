import { defineKind, refuse } from "roomcast/kind";
import * as v from "valibot";

export type Mark = "X" | "O";

export interface Game {
  /** Nine cells, row by row. */
  readonly cells: readonly (Mark | null)[];
  /** Who plays which mark, by the public name of the client. */
  readonly players: { readonly X?: string; readonly O?: string };
  readonly turn: Mark;
  /** Absent while the game goes on. */
  readonly result?: Mark | "draw";
}

const Intent = v.variant("type", [
  v.object({ type: v.literal("join") }),
  v.object({ type: v.literal("play"), cell: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8)) }),
  v.object({ type: v.literal("again") }),
]);
type Intent = v.InferOutput<typeof Intent>;

type Op =
  | { readonly type: "joined"; readonly mark: Mark; readonly by: string }
  | { readonly type: "played"; readonly mark: Mark; readonly cell: number }
  | { readonly type: "restarted" };

const LINES = [
  [0, 1, 2],
  [3, 4, 5],
  [6, 7, 8],
  [0, 3, 6],
  [1, 4, 7],
  [2, 5, 8],
  [0, 4, 8],
  [2, 4, 6],
] as const;

function start(players: Game["players"]): Game {
  return { cells: Array<null>(9).fill(null), players, turn: "X" };
}

/** Two play, everybody may watch. The room is the referee: a move out of turn never becomes an op. */
export const ticTacToe = defineKind<Game, Intent, Op>({
  name: "tic-tac-toe",
  version: 1,
  initial: () => start({}),
  intents: Intent,

  decide(game, intent, { by }) {
    if (by === undefined) return refuse("forbidden", "Only a connected client can play.");
    const mark = game.players.X === by ? "X" : game.players.O === by ? "O" : undefined;
    switch (intent.type) {
      case "join": {
        if (mark !== undefined) return [];
        const free = game.players.X === undefined ? "X" : game.players.O === undefined ? "O" : undefined;
        return free === undefined ? refuse("conflict", "Both seats are taken.") : [{ type: "joined", mark: free, by }];
      }
      case "play":
        if (mark === undefined) return refuse("forbidden", "You are watching this game.");
        if (game.result !== undefined) return refuse("conflict", "This game is over.");
        if (game.turn !== mark) return refuse("conflict", "It is not your turn.");
        if (game.cells[intent.cell] !== null) return refuse("conflict", "That cell is taken.");
        return [{ type: "played", mark, cell: intent.cell }];
      case "again":
        if (mark === undefined) return refuse("forbidden", "You are watching this game.");
        return game.result === undefined ? refuse("conflict", "This game is not over.") : [{ type: "restarted" }];
    }
  },

  fold(game, op) {
    switch (op.type) {
      case "joined":
        return { ...game, players: { ...game.players, [op.mark]: op.by } };
      case "played": {
        const cells = game.cells.with(op.cell, op.mark);
        const won = LINES.some((line) => line.every((cell) => cells[cell] === op.mark));
        const result = won ? op.mark : cells.includes(null) ? undefined : "draw";
        return { ...game, cells, turn: op.mark === "X" ? "O" : "X", ...(result === undefined ? {} : { result }) };
      }
      case "restarted":
        return start(game.players);
    }
  },
});
