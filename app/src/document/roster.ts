import { distinctHues } from "../lib/hues.ts";
import { type Me, type Person, toPerson } from "../lib/people.ts";
import { type Pointer, within } from "../lib/pointer.ts";
import type { DocumentHandle } from "../roomcast.ts";

const NOBODY: readonly Person[] = [];

/** Who is where, so arranged that a field hears only of the people at that field. */
export class Roster {
  #people: readonly Person[] = NOBODY;
  #byPath = new Map<Pointer, readonly Person[]>();
  #myHue: number;
  readonly #handle: DocumentHandle;
  readonly #me: () => Me;

  constructor(handle: DocumentHandle, me: () => Me) {
    this.#handle = handle;
    this.#me = me;
    this.#myHue = me().hue;
  }

  /** Follows the room's presence; returns the way to stop. */
  start(): () => void {
    const stop = this.#handle.presence.subscribe(() => this.update());
    this.update();
    return stop;
  }

  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Everybody else, in a steady order. */
  readonly people = (): readonly Person[] => this.#people;

  /** This person's colour here: the one that they chose, unless somebody else here has it. */
  readonly myHue = (): number => this.#myHue;

  /** Those at exactly this field; the same array until that changes. */
  at(path: Pointer): readonly Person[] {
    return this.#byPath.get(path) ?? NOBODY;
  }

  /** Those at this field or in it, as one string, for a group that is folded. */
  namesWithin(path: Pointer): string {
    return this.#people
      .filter((person) => person.path !== undefined && within(person.path, path))
      .map((person) => person.name)
      .join(", ");
  }

  /** Reads the room's presence again; also to be called when this person has chosen another colour. */
  update(): void {
    const { user, guest, you = "" } = this.#handle;
    const me = { person: user?.id ?? guest ?? you, hue: this.#me().hue };
    const others = this.#handle.presence.peers.map(toPerson);
    const hues = distinctHues([me, ...others]);
    this.#myHue = hues.get(me.person) ?? me.hue;
    this.#people = others
      .map((person) => ({ ...person, hue: hues.get(person.person) ?? person.hue }))
      .toSorted((a, b) => (a.conn < b.conn ? -1 : 1));
    const byPath = new Map<Pointer, Person[]>();
    for (const person of this.#people) {
      if (person.path !== undefined) byPath.set(person.path, [...(byPath.get(person.path) ?? []), person]);
    }
    const kept = new Map<Pointer, readonly Person[]>();
    for (const [path, people] of byPath) {
      const before = this.#byPath.get(path);
      kept.set(path, before !== undefined && sameLooks(before, people) ? before : people);
    }
    this.#byPath = kept;
    for (const listener of this.#listeners) listener();
  }
}

function sameLooks(a: readonly Person[], b: readonly Person[]): boolean {
  return (
    a.length === b.length &&
    a.every((one, i) => one.conn === b[i]?.conn && one.name === b[i]?.name && one.hue === b[i]?.hue)
  );
}
