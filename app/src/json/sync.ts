import { Annotation, ChangeSet, type Text, Transaction } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import { diff } from "../lib/diff.ts";
import type { Json } from "../lib/json.ts";
import { type Fault, type Node, type Reading, print, read, retext, treeOf } from "../lib/json-text.ts";
import { type Conflict, merge } from "../lib/merge.ts";
import { withAt } from "../lib/pointer.ts";
import type { DocumentIntent } from "../roomcast.ts";
import type { DocumentSession } from "../document/session.ts";
import { patchFor } from "../lib/patch-for.ts";

/** Marks what came from the document rather than from the person at this editor. */
export const fromDocument = Annotation.define<boolean>();

/** Keystrokes within this many milliseconds go out together. */
const COALESCE = 150;

export type SyncState =
  | { readonly phase: "in-step" }
  /** The text is no JSON, so that nothing is sent. `waiting`: changes by others that it does not show yet. */
  | { readonly phase: "invalid"; readonly fault: Fault; readonly line: number; readonly waiting: number }
  /** Somebody else changed the same words. The text has mine, the document theirs, until this person chooses. */
  | { readonly phase: "contested"; readonly conflicts: readonly Conflict[] };

/**
 * Keeps an editor's text and the document in step. The text is read, compared field by field with the document as it
 * was when they last agreed, and the difference sent; what others changed meanwhile is put into the text in place.
 * One mutation is under way at a time: the next begins from what the room made of it.
 */
export class JsonSync {
  readonly #view: EditorView;
  readonly #session: DocumentSession;
  readonly #report: (state: SyncState) => void;
  /** The document when the text last agreed with it; where the two are contested, as it was before. */
  #base: Json;
  #conflicts: readonly Conflict[] = [];
  #sending = false;
  #stopped = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #read: { readonly doc: Text; readonly reading: Reading } | undefined;
  #tree: { readonly doc: Text; readonly tree: Node | undefined } | undefined;

  constructor(view: EditorView, session: DocumentSession, report: (state: SyncState) => void) {
    this.#view = view;
    this.#session = session;
    this.#report = report;
    this.#base = session.unsentText?.base ?? session.handle.value ?? null;
  }

  /** The text with which an editor begins: what could not be sent when it was last shown, or the document. */
  static textFor(session: DocumentSession): string {
    return session.unsentText?.text ?? print(session.handle.value ?? null);
  }

  /** The person changed the text. */
  edited(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.step(), COALESCE);
  }

  /** The text as JSON, or its faults. */
  reading(doc: Text): Reading {
    if (this.#read?.doc !== doc) this.#read = { doc, reading: read(doc.toString()) };
    return this.#read.reading;
  }

  /** The places of fields in the text, as far as it can be read. */
  tree(doc: Text): Node | undefined {
    if (this.#tree?.doc !== doc) this.#tree = { doc, tree: treeOf(doc.toString()) };
    return this.#tree.tree;
  }

  /** Brings both in step: after typing, and whenever the document has changed. */
  step(): void {
    clearTimeout(this.#timer);
    const { value } = this.#session.handle;
    if (value === undefined || this.#sending || this.#stopped) return;
    const reading = this.reading(this.#view.state.doc);
    if (!reading.ok) {
      this.#reportFault(reading.faults[0], value);
      return;
    }
    const conflicts: Conflict[] = [];
    const merged = merge(this.#base, reading.value, value, conflicts);
    this.#base = conflicts.reduce((base, conflict) => withAt(base, conflict.path, conflict.base), merged);
    this.#conflicts = conflicts;
    this.#session.unsentText = undefined;
    this.#show(reading.value, merged);
    const mine = conflicts.reduce((all, conflict) => withAt(all, conflict.path, conflict.theirs), merged);
    this.#send(value, mine);
    this.#report(conflicts.length === 0 ? { phase: "in-step" } : { phase: "contested", conflicts });
  }

  /** What becomes of the contested fields. */
  choose(whose: "mine" | "theirs"): void {
    const reading = this.reading(this.#view.state.doc);
    if (!reading.ok) return;
    const conflicts = this.#conflicts;
    this.#base = conflicts.reduce((base, { path, theirs }) => withAt(base, path, theirs), this.#base);
    if (whose === "theirs") {
      const theirs = conflicts.reduce((all, conflict) => withAt(all, conflict.path, conflict.theirs), reading.value);
      this.#show(reading.value, theirs, true);
    }
    this.step();
  }

  /** The editor goes away: what can be sent is, what cannot is kept for its return. */
  stop(): void {
    this.#sending = false;
    this.step();
    this.#stopped = true;
    const { doc } = this.#view.state;
    const unsent = !this.reading(doc).ok || this.#conflicts.length > 0;
    this.#session.unsentText = unsent ? { text: doc.toString(), base: this.#base } : undefined;
  }

  #reportFault(fault: Fault | undefined, value: Json): void {
    if (fault === undefined) return;
    this.#report({
      phase: "invalid",
      fault,
      line: this.#view.state.doc.lineAt(fault.from).number,
      waiting: diff(this.#base, value).length,
    });
  }

  /** Puts what others changed into the text, where it stands. Undo goes past it. */
  #show(says: Json, shall: Json, undoable = false): void {
    const edits = diff(says, shall);
    if (edits.length === 0) return;
    let { length } = this.#view.state.doc;
    let changes = ChangeSet.empty(length);
    for (const step of retext(this.#view.state.doc.toString(), edits, shall)) {
      const change = ChangeSet.of(step, length);
      changes = changes.compose(change);
      length = change.newLength;
    }
    this.#view.dispatch({
      changes,
      annotations: [fromDocument.of(true), Transaction.addToHistory.of(undoable)],
    });
  }

  #send(before: Json, after: Json): void {
    const edits = diff(before, after);
    if (edits.length === 0) return;
    this.#sending = true;
    void this.#settle(before, after, [{ type: "jsonPatch", patch: patchFor(before, edits) }]);
  }

  async #settle(before: Json, after: Json, intents: readonly DocumentIntent[]): Promise<void> {
    const outcome = await this.#session.attempt(intents);
    if (this.#stopped) {
      // The text is no longer there to be merged into.
      if (outcome === "conflict" && typeof (await this.#session.change(before, after)) === "object") {
        const message = "Somebody else changed the same words before yours were stored.";
        this.#session.refused({ code: "conflict", message });
      }
      return;
    }
    this.#sending = false;
    // Nothing of it was applied: what the text says is a change of the document as it was before.
    if (outcome === "conflict") {
      this.#base = this.#conflicts.reduce((base, { path, base: old }) => withAt(base, path, old), before);
    }
    this.step();
  }
}
