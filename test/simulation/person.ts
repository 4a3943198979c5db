import { connect, type Rooms } from "../../src/client/connect.ts";
import type { Attempt, Handle, Script } from "./actors/script.ts";
import { type Event, Reader } from "./actors/stream.ts";
import { Wire } from "./checks/wire.ts";
import type { StreamHandle } from "../../src/client/stream-types.ts";
import type { Chance } from "./random.ts";
import type { World } from "./world.ts";

/** How a mutation ended, as its client was told. */
export interface Outcome {
  readonly who: string;
  readonly token: string | undefined;
  /** `open` until the client is told. */
  result: "open" | "applied" | { readonly code: string };
}

/** Somebody with the real client, at one room. */
export class Person {
  readonly name: string;
  readonly rooms: Rooms;
  readonly handle: Handle;
  readonly wires: Wire[] = [];
  readonly readers: Reader[] = [];
  /** What the client could not get rid of but by its error handler. */
  readonly errors: string[] = [];
  /** Its permissions at the next connection. */
  can: string;
  /** It has the code of after a deploy. */
  readonly isNew: boolean;
  present: string | undefined;
  left = false;

  constructor(options: {
    readonly name: string;
    readonly world: World;
    readonly script: Script;
    readonly room: string;
    readonly chance: Chance;
    readonly isNew: boolean;
  }) {
    const { name, world, script, room, chance, isNew } = options;
    this.name = name;
    this.can = permissions(chance);
    this.isNew = isNew;
    const user = chance.happens(0.5) ? { user: name } : {};
    const tap = (address: string): ((direction: "up" | "down", data: unknown) => void) => {
      const wire = new Wire(new URL(address).searchParams.get("can") ?? "");
      this.wires.push(wire);
      return (direction, data) => {
        if (typeof data !== "string" || data.length === 1) return;
        try {
          if (direction === "up") wire.up(data);
          else wire.down(data);
        } catch (error) {
          world.faults.push(`${name} was sent what it should not be: ${String(error)}\n${data.slice(0, 400)}`);
        }
      };
    };
    this.rooms = connect("http://rooms.test", {
      WebSocket: world.sockets(name, tap),
      query: () => ({ can: this.can, ...user }),
      onError: (error) => this.errors.push(error.code),
    });
    this.handle = script.open(this.rooms, room, isNew);
    // A chat's client says who it is, whoever looks.
    if (script.binding === "CHATS") this.present = name;
    if (script.binding === "STREAMS")
      this.readers.push(new Reader(this.handle as unknown as StreamHandle<Event>, chance));
  }

  /** Whether it may, and always might: a client that was refused does not try again. */
  get mayRead(): boolean {
    return [this, ...this.wires].every(({ can }) => can.includes("read"));
  }

  mutate(script: Script, chance: Chance, token: string, filler: number): Outcome {
    return this.write(script.mutate(this.handle, chance, token, filler));
  }

  write(attempt: Attempt): Outcome {
    const outcome: Outcome = { who: this.name, token: attempt.token, result: "open" };
    const settle = (result: Outcome["result"]): void => {
      outcome.result = result;
    };
    attempt.promise.then(
      () => settle("applied"),
      (error: { readonly code?: string }) => {
        // A handle that ends tells why, and not whether what is unanswered was applied.
        const ended = this.handle.status.phase === "closed";
        settle({ code: ended ? "closed" : (error.code ?? "a fault without a code") });
      },
    );
    return outcome;
  }

  show(data: object, token: string): void {
    if (this.handle.presence === undefined) return;
    if (this.present === this.name) return;
    this.handle.presence.set(data as never);
    this.present = token;
  }

  hide(): void {
    if (this.present === this.name) return;
    this.handle.presence?.clear();
    this.present = undefined;
  }

  leave(): void {
    this.left = true;
    this.rooms.close();
  }
}

const PERMISSIONS = { "read,write,admin": 80, read: 12, "": 4, write: 4 };

export function permissions(chance: Chance): string {
  return chance.weighted(PERMISSIONS);
}
