import { defineKind, refuse } from "roomcast/kind";
import * as v from "valibot";

export type Mark = "X" | "O";

export interface Game {
  /** Nine cells, row by row. */
  readonly cells: readonly (Mark | null)[];
  /** Who plays which mark; see `playerOf`. */
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

/** The three cells that won the game. */
export function winningLine({ cells, result }: Game): readonly number[] {
  return LINES.find((line) => line.every((cell) => cells[cell] === result)) ?? [];
}

/** The name of a player: a user's id, or the name that stays with a guest across reloads. */
export function playerOf(author: {
  readonly user?: { readonly id: string } | undefined;
  readonly guest?: string | undefined;
  readonly by?: string | undefined;
}): string | undefined {
  return author.user?.id ?? author.guest ?? author.by;
}

export function markOf({ players }: Game, player: string | undefined): Mark | undefined {
  if (player === undefined) return undefined;
  return players.X === player ? "X" : players.O === player ? "O" : undefined;
}

export function freeMark({ players }: Game): Mark | undefined {
  return players.X === undefined ? "X" : players.O === undefined ? "O" : undefined;
}

function start(players: Game["players"]): Game {
  return { cells: Array<null>(9).fill(null), players, turn: "X" };
}

/** Two people play and everybody else may watch. The room is the referee: a move out of turn never becomes an op. */
export const ticTacToe = defineKind<Game, Intent, Op>({
  name: "tic-tac-toe",
  version: 1,
  initial: () => start({}),
  intents: Intent,

  decide(game, intent, context) {
    const player = playerOf(context);
    if (player === undefined) return refuse("forbidden", "Only a connected client can play.");
    const mark = markOf(game, player);
    switch (intent.type) {
      case "join": {
        if (mark !== undefined) return [];
        const free = freeMark(game);
        if (free === undefined) return refuse("conflict", "Both seats are taken.");
        return [{ type: "joined", mark: free, by: player }];
      }
      case "play":
        if (mark === undefined) return refuse("forbidden", "You are watching this game.");
        if (game.result !== undefined) return refuse("conflict", "This game is over.");
        if (freeMark(game) !== undefined) return refuse("conflict", "Nobody has the other seat yet.");
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
