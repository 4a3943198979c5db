import { connect, type RoomcastError } from "roomcast";
import { freeMark, type Game, type Mark, markOf, playerOf, ticTacToe, winningLine } from "../kind.ts";
import { guestSecret } from "./guest.ts";
import "./style.css";

const MARKS = ["X", "O"] as const;

const room = connect("/", { guest: guestSecret() }).room(ticTacToe, gameName());
room.presence.set({});

const cells = Array.from({ length: 9 }, (_, cell) => {
  const button = document.createElement("button");
  button.addEventListener("click", () => act({ type: "play", cell }));
  return button;
});
find("board").append(...cells);
find("join").addEventListener("click", () => act({ type: "join" }));
find("again").addEventListener("click", () => act({ type: "again" }));
find("second").setAttribute("href", location.href);

/** Why the room refused the last move; cleared by the next change. */
let refusal: string | undefined;
room.subscribe(render);
room.presence.subscribe(render);
render();

function act(intent: Parameters<typeof room.mutate>[0]): void {
  refusal = undefined;
  room.mutate(intent).catch((error: RoomcastError) => {
    refusal = error.message;
    render();
  });
}

function render(): void {
  find("connection").textContent = room.status.phase === "live" ? "Live" : "Connecting…";
  const game = room.state;
  for (const button of cells) button.disabled = true;
  if (game === undefined) return;

  const mine = markOf(game, playerOf({ user: room.user, guest: room.guest, by: room.you }));
  const won = winningLine(game);
  const myTurn = mine !== undefined && mine === game.turn && game.result === undefined && freeMark(game) === undefined;
  for (const [cell, button] of cells.entries()) {
    const mark = game.cells[cell] ?? "";
    button.textContent = mark;
    button.dataset["mark"] = mark;
    button.classList.toggle("won", won.includes(cell));
    button.disabled = !myTurn || mark !== "";
    button.setAttribute("aria-label", `Row ${Math.floor(cell / 3) + 1}, column ${(cell % 3) + 1}: ${mark || "empty"}`);
  }

  const here = new Set(room.presence.peers.map(playerOf));
  for (const mark of MARKS) {
    find(`seat-${mark}`).textContent = seat(game.players[mark], mark === mine, here);
    find(`player-${mark}`).classList.toggle("turn", game.result === undefined && game.turn === mark);
  }
  const watching = room.presence.peers.filter((peer) => markOf(game, playerOf(peer)) === undefined).length;
  find("watching").textContent =
    watching === 0 ? "" : `${watching} ${watching === 1 ? "other is" : "others are"} watching`;
  find("message").textContent = refusal ?? headline(game, mine);
  find("join").hidden = mine !== undefined || freeMark(game) === undefined;
  find("join").textContent = `Play as ${freeMark(game) ?? ""}`;
  find("again").hidden = mine === undefined || game.result === undefined;
}

function seat(player: string | undefined, mine: boolean, here: ReadonlySet<string | undefined>): string {
  if (player === undefined) return "free";
  return mine ? "you" : here.has(player) ? "here" : "away";
}

function headline(game: Game, mine: Mark | undefined): string {
  if (game.result === "draw") return "A draw.";
  if (game.result !== undefined) return game.result === mine ? "You won." : `${game.result} won.`;
  if (mine === undefined)
    return freeMark(game) === undefined ? `You are watching. ${game.turn} to move.` : "A seat is free.";
  if (freeMark(game) !== undefined) return "Waiting for somebody to play against.";
  return game.turn === mine ? "Your move." : `${game.turn} to move.`;
}

/** The game's name is part of the address, so that a link leads to the same game. */
function gameName(): string {
  const named = new URLSearchParams(location.search).get("game");
  if (named !== null && named !== "") return named;
  const name = Array.from(crypto.getRandomValues(new Uint8Array(4)), (byte) => byte.toString(36)).join("");
  history.replaceState(null, "", `?game=${name}`);
  return name;
}

function find(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no #${id}.`);
  return element;
}
