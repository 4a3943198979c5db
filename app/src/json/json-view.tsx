import type { Diagnostic } from "@codemirror/lint";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, type ViewUpdate } from "@codemirror/view";
import { useEffect, useRef, useState } from "react";
import type { DocumentSession } from "../document/session.ts";
import { brief, plural } from "../lib/format.ts";
import { nodeAt, offsetOf, spotAt } from "../lib/json-text.ts";
import { label } from "../lib/pointer.ts";
import { AlertIcon, CheckIcon } from "../ui/icons.tsx";
import { placePeople } from "./cursors.ts";
import { editorExtensions } from "./editor.ts";
import { JsonSync, type SyncState, fromDocument } from "./sync.ts";

/** Of longer texts it would take too long to find the field at the caret with each keystroke. */
const LONGEST_PLACED = 300_000;

interface Props {
  readonly session: DocumentSession;
  readonly readOnly: boolean;
}

/** The document as JSON text. */
export default function JsonView({ session, readOnly }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const mounted = useRef<Mounted>(undefined);
  const [state, setState] = useState<SyncState>({ phase: "in-step" });

  useEffect(() => {
    if (host.current === null) return undefined;
    mounted.current = mount(host.current, session, setState);
    return () => {
      mounted.current?.stop();
      mounted.current = undefined;
    };
  }, [session]);

  useEffect(() => mounted.current?.setReadOnly(readOnly), [readOnly]);

  return (
    <div className="json">
      <div className="json-editor" ref={host} />
      <SyncLine state={state} readOnly={readOnly} choose={(whose) => mounted.current?.choose(whose)} />
    </div>
  );
}

interface SyncLineProps {
  readonly state: SyncState;
  readonly readOnly: boolean;
  readonly choose: (whose: "mine" | "theirs") => void;
}

function SyncLine({ state, readOnly, choose }: SyncLineProps) {
  if (state.phase === "in-step") {
    return (
      <p className="sync-line" role="status">
        <CheckIcon size={16} />
        {readOnly ? "Follows the document." : "Valid. Changes are sent as you type."}
      </p>
    );
  }
  if (state.phase === "contested") {
    const [first, ...more] = state.conflicts;
    return (
      <p className="sync-line bad" role="status">
        <AlertIcon size={16} />
        <span>
          <strong>Somebody else changed {first === undefined ? "this" : label(first.path)} too</strong>
          {more.length > 0 && `, and ${plural(more.length, "other field")}`}. The document has{" "}
          <q className="mono">{brief(first?.theirs ?? null, 60)}</q>; your text is not sent until you choose.{" "}
          <button type="button" onClick={() => choose("theirs")}>
            Take theirs
          </button>
          <button type="button" onClick={() => choose("mine")}>
            Keep mine
          </button>
        </span>
      </p>
    );
  }
  return (
    <p className="sync-line bad" role="status">
      <AlertIcon size={16} />
      <span>
        <strong>Not sent until it is valid.</strong> Line {state.line}: {state.fault.message.toLowerCase()}.
        {state.waiting > 0 && ` ${plural(state.waiting, "change")} by others will be put in then.`}
      </span>
    </p>
  );
}

interface Mounted {
  readonly choose: (whose: "mine" | "theirs") => void;
  readonly setReadOnly: (readOnly: boolean) => void;
  readonly stop: () => void;
}

function mount(host: HTMLElement, session: DocumentSession, report: (state: SyncState) => void): Mounted {
  const editable = new Compartment();
  const view = new EditorView({
    parent: host,
    state: EditorState.create({
      doc: JsonSync.textFor(session),
      extensions: [editorExtensions(faults), editable.of([]), EditorView.updateListener.of(updated)],
    }),
  });
  const sync = new JsonSync(view, session, report);
  let stopped = false;
  let placing = false;

  function faults({ state }: EditorView): Diagnostic[] {
    const reading = sync.reading(state.doc);
    return reading.ok ? [] : reading.faults.map((fault) => ({ ...fault, severity: "error" }));
  }

  function updated(update: ViewUpdate): void {
    if (update.docChanged) {
      if (!update.transactions.every((one) => one.annotation(fromDocument) === true)) sync.edited();
      placeSoon();
    }
    if (update.selectionSet || update.docChanged || update.focusChanged) tellWhere();
  }

  /** Not from within an update, which is when most of its reasons come. */
  function placeSoon(): void {
    if (placing) return;
    placing = true;
    queueMicrotask(() => {
      placing = false;
      if (stopped) return;
      const { doc } = view.state;
      const tree = doc.length > LONGEST_PLACED ? undefined : sync.tree(doc);
      view.dispatch({ effects: placePeople.of({ people: session.roster.people(), tree }) });
    });
  }

  function tellWhere(): void {
    const { doc, selection } = view.state;
    if (!view.hasFocus || doc.length > LONGEST_PLACED) {
      session.goTo(undefined);
      return;
    }
    const tree = sync.tree(doc);
    const head = spotAt(tree, selection.main.head);
    const line = doc.lineAt(selection.main.head);
    // Beside a field rather than in it: the field of the line is what others should see.
    const inGroup = nodeAt(tree, head.path)?.children !== undefined;
    const path = inGroup ? spotAt(tree, line.from + Math.max(0, line.text.search(/\S/))).path : head.path;
    session.goTo(path, { anchor: spotAt(tree, selection.main.anchor), head });
  }

  function follow(): void {
    const reveal = session.revealed();
    if (reveal === undefined) return;
    const offset = offsetOf(sync.tree(view.state.doc), { path: reveal.path, offset: 0 });
    if (offset === undefined) return;
    session.revealDone();
    view.dispatch({ effects: EditorView.scrollIntoView(offset, { y: "center" }) });
  }

  const stops = [
    session.handle.subscribe(() => sync.step()),
    session.roster.subscribe(placeSoon),
    session.subscribe(follow),
  ];
  sync.step();
  placeSoon();

  return {
    choose: (whose) => {
      sync.choose(whose);
      view.focus();
    },
    setReadOnly: (readOnly) =>
      view.dispatch({
        effects: editable.reconfigure([EditorState.readOnly.of(readOnly), EditorView.editable.of(!readOnly)]),
      }),
    stop: () => {
      stopped = true;
      for (const stop of stops) stop();
      sync.stop();
      session.goTo(undefined);
      view.destroy();
    },
  };
}
