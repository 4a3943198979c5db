import { createWorker, roomOf } from "roomcast/server";
import { ticTacToe } from "./kind.ts";

export class Games extends roomOf(ticTacToe) {}

interface Env {
  readonly GAMES: DurableObjectNamespace<Games>;
}

export default createWorker<Env>({ rooms: { "tic-tac-toe": (env) => env.GAMES } });
