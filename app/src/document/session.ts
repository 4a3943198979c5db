import { type Json, equal, isObject } from "../lib/json.ts";
import { diff } from "../lib/diff.ts";
import { type Conflict, merge } from "../lib/merge.ts";
import { patchFor } from "../lib/patch-for.ts";
import { type Me, type Person, loadMe, toPresence } from "../lib/people.ts";
import type { Pointer } from "../lib/pointer.ts";
import { load, save } from "../lib/storage.ts";
import { type DocumentHandle, type DocumentIntent, RoomcastError } from "../roomcast.ts";
import { Roster } from "./roster.ts";

/** A field to bring into view; a new object each time, so that the same one can be asked for twice. */
export interface Reveal {
  readonly path: Pointer;
  readonly focus: boolean;
}

/** Text of the JSON view that cannot be sent yet, kept while another view is shown. */
export interface UnsentText {
  readonly text: string;
  readonly base: Json;
}

/** Why the room did not take a change. */
export type Refused = Pick<RoomcastError, "code" | "message">;

/** What became of a change: a refusal has been shown by then. */
export type Changed = "done" | "refused" | { readonly contested: Json };

/** After this many conflicts in a row a change is given up, and its author told. */
const TRIES = 4;

/** A field that has not come into view after so many milliseconds is not waited for. */
const PATIENCE = 3000;

/** One open document: the live room, who this person is in it, and what all parts of its page share. */
export class DocumentSession {
  readonly handle: DocumentHandle;
  readonly roster: Roster;
  me: Me = loadMe();
  unsentText: UnsentText | undefined;
  #path: Pointer | undefined;
  #cursor: Person["cursor"];
  #reveal: Reveal | undefined;
  #revealing: ReturnType<typeof setTimeout> | undefined;
  readonly #known: Map<string, Me>;
  readonly #listeners = new Set<() => void>();
  readonly #refusals = new Set<(error: Refused) => void>();

  constructor(handle: DocumentHandle) {
    this.handle = handle;
    this.roster = new Roster(handle, () => this.me);
    this.#known = knownPeople(handle.id);
  }

  /** Joins those who are here; returns the way to leave. */
  start(): () => void {
    this.#show();
    const stopRoster = this.roster.start();
    const stopNames = this.roster.subscribe(() => this.#learnNames());
    return () => {
      stopNames();
      stopRoster();
      this.handle.presence.clear();
    };
  }

  /** Calls back when `me` or `reveal` changes. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Applies intents as they are. A refusal other than a conflict has been shown by the time that it is answered. */
  async attempt(intents: readonly DocumentIntent[]): Promise<"done" | "conflict" | "refused"> {
    try {
      await this.handle.mutate(intents);
      return "done";
    } catch (error) {
      if (!(error instanceof RoomcastError)) throw error;
      if (error.code === "conflict") return "conflict";
      this.refused(error);
      return "refused";
    }
  }

  /**
   * Carries a change of the document as it was, `before`, over to the document as it is. Where somebody else has changed
   * the same words, or emptied the document, nothing is applied, and `contested` says what is there.
   */
  async change(before: Json, after: Json): Promise<Changed> {
    for (;;) {
      const now = this.handle.value ?? null;
      if (isObject(now) && Object.keys(now).length === 0 && !equal(now, before)) return { contested: now };
      const conflicts: Conflict[] = [];
      const merged = merge(before, after, now, conflicts);
      const [first] = conflicts;
      if (first !== undefined) return { contested: first.theirs };
      const patch = patchFor(now, diff(now, merged));
      const outcome = patch.length === 0 ? "done" : await this.attempt([{ type: "jsonPatch", patch }]);
      if (outcome !== "conflict") return outcome;
    }
  }

  /**
   * Applies what `make` says, as one mutation. When the room finds that it does not fit what others did meanwhile,
   * the same change is made to the document as it is by then: to the same element of a list, wherever that has gone.
   * Answers whether it was applied; a refusal has been shown by then.
   */
  async commit(make: (value: Json) => readonly DocumentIntent[]): Promise<boolean> {
    for (let tries = 1, again = make; ; tries += 1) {
      const before = this.handle.value;
      const intents = before === undefined ? [] : again(before);
      if (before === undefined || intents.length === 0) return true;
      const answer = this.handle.mutate(intents);
      const after = this.handle.value ?? before;
      try {
        await answer;
        return true;
      } catch (error) {
        if (!(error instanceof RoomcastError)) throw error;
        const now = this.handle.value;
        const conflicts: Conflict[] = [];
        if (now !== undefined) merge(before, after, now, conflicts);
        if (error.code !== "conflict" || tries === TRIES || conflicts.length > 0) {
          this.refused(error);
          return false;
        }
        again = (now) => {
          const patch = patchFor(now, diff(now, merge(before, after, now)));
          return patch.length === 0 ? [] : [{ type: "jsonPatch", patch }];
        };
      }
    }
  }

  /** Tells everyone who listens that the room refused a change for good. */
  refused(error: Refused): void {
    for (const listener of this.#refusals) listener(error);
  }

  onRefused(listener: (error: Refused) => void): () => void {
    this.#refusals.add(listener);
    return () => this.#refusals.delete(listener);
  }

  rename(me: Me): void {
    this.me = me;
    save("me", me);
    this.#show();
    this.roster.update();
    this.#emit();
  }

  /** Says which field this person is at. */
  goTo(path: Pointer | undefined, cursor?: Person["cursor"]): void {
    if (path === this.#path && cursor === undefined && this.#cursor === undefined) return;
    this.#path = path;
    this.#cursor = cursor;
    this.#show();
  }

  readonly revealed = (): Reveal | undefined => this.#reveal;

  /** It is in view. */
  revealDone(): void {
    clearTimeout(this.#revealing);
    this.#reveal = undefined;
    this.#emit();
  }

  reveal(path: Pointer, focus = false): void {
    this.#reveal = { path, focus };
    clearTimeout(this.#revealing);
    this.#revealing = setTimeout(() => this.revealDone(), PATIENCE);
    this.#emit();
  }

  /** The name under which somebody was last seen here; for the history, which knows only `by`. */
  nameOf(by: string): Me | undefined {
    return by === this.handle.you ? this.me : this.#known.get(by);
  }

  #learnNames(): void {
    let news = false;
    for (const { by, name, hue } of this.roster.people()) {
      const known = this.#known.get(by);
      if (known?.name === name && known.hue === hue) continue;
      this.#known.set(by, { name, hue });
      news = true;
    }
    const you = this.handle.you;
    if (you !== undefined && this.#known.get(you)?.name !== this.me.name) {
      this.#known.set(you, this.me);
      news = true;
    }
    if (news) save(`people:${this.handle.id}`, [...this.#known].slice(-100));
  }

  #show(): void {
    this.handle.presence.set(toPresence(this.me, this.#path, this.#cursor));
  }

  #emit(): void {
    for (const listener of this.#listeners) listener();
  }
}

function knownPeople(id: string): Map<string, Me> {
  const known = new Map<string, Me>();
  const stored = load(`people:${id}`);
  for (const entry of Array.isArray(stored) ? (stored as Json[]) : []) {
    const [by, me] = Array.isArray(entry) ? (entry as Json[]) : [];
    if (typeof by !== "string" || !isObject(me)) continue;
    const { name, hue } = me;
    if (typeof name === "string" && typeof hue === "number") known.set(by, { name, hue });
  }
  return known;
}
