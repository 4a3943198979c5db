import type { Kind } from "../kinds/kind.ts";
import { refuse, type Refusal } from "../protocol/refusal.ts";
import type { StateText, VersionInfo } from "./api.ts";
import { utf8Length } from "./bytes.ts";
import type { Engine } from "./engine.ts";
import { migrateState } from "./migrate.ts";

/** Under this name a restore keeps what it replaces, so that it can be undone. */
export const BEFORE_RESTORE = "before-restore";

/** Saving a room's state under a name, and going back to it. Throws where storage fails; then nothing has changed. */
export class SavedVersions<State, Intent, Op> {
  readonly #kind: Kind<State, Intent, Op>;
  readonly #room: Engine<State, Intent, Op>;

  constructor(kind: Kind<State, Intent, Op>, room: Engine<State, Intent, Op>) {
    this.#kind = kind;
    this.#room = room;
  }

  save(name: string, by: string | undefined): VersionInfo | Refusal {
    const { ledger, store, limits } = this.#room;
    const malformed = checkName(name);
    if (malformed !== undefined) return malformed;
    this.#room.commits.settle();
    const { born, versions } = store;
    const isNew = name !== BEFORE_RESTORE && !(born && versions.has(name));
    if (isNew && (born ? versions.count() : 0) >= limits.versions) {
      return refuse("storage_full", `A room may have ${limits.versions} saved versions; delete one first.`);
    }
    let info: VersionInfo | undefined;
    ledger.birth(() => (info = this.#store(name, by)));
    return info ?? refuse("internal", "The version was not saved.");
  }

  /** Within a transaction. */
  #store(name: string, by: string | undefined): VersionInfo {
    const { ledger, store } = this.#room;
    const state = ledger.stateText;
    const info: VersionInfo = {
      name,
      savedAt: ledger.now(),
      version: ledger.version,
      bytes: utf8Length(state),
      ...(by === undefined ? {} : { by }),
    };
    store.versions.save({ ...info, kindVersion: this.#kind.version, state });
    return info;
  }

  list(): readonly VersionInfo[] {
    const { store } = this.#room;
    return store.born ? store.versions.list() : [];
  }

  read(name: string): StateText | Refusal {
    const { store } = this.#room;
    const saved = store.born ? store.versions.read(name) : undefined;
    if (saved === undefined) return notFound(name);
    const { version, kindVersion, state } = saved;
    if (kindVersion === this.#kind.version) return { version, text: state };
    return { version, text: JSON.stringify(migrateState(this.#kind, kindVersion, JSON.parse(state))) };
  }

  /**
   * Replaces the state by a saved one; what it replaces is kept as `before-restore`, also in a room that is full of
   * versions, and only where the state is replaced.
   */
  restore(name: string, by: string | undefined): Refusal | undefined {
    const found = this.read(name);
    if ("code" in found) return found;
    const state = JSON.parse(found.text) as State;
    return this.#room.replace(state, "restored", { also: () => void this.#store(BEFORE_RESTORE, by) });
  }

  remove(name: string): Refusal | undefined {
    const { store } = this.#room;
    if (!store.born || !store.versions.has(name)) return notFound(name);
    store.transaction(() => store.versions.remove(name));
    return undefined;
  }
}

function checkName(name: unknown): Refusal | undefined {
  // A lone surrogate has no percent-encoding, and dots alone are steps in a path: neither could be asked for again.
  if (typeof name === "string" && /^[^\p{Cc}\p{Cs}]{1,64}$/u.test(name) && name.length <= 64 && !/^\.\.?$/.test(name))
    return undefined;
  return refuse("bad_request", "A version's name is 1 to 64 characters without controls, and not `.` or `..`.");
}

function notFound(name: string): Refusal {
  return refuse("not_found", `There is no saved version ${JSON.stringify(name).slice(0, 80)}.`);
}
