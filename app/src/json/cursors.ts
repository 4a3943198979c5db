import { type Extension, type Range, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, WidgetType } from "@codemirror/view";
import { type Node, nodeAt, offsetOf } from "../lib/json-text.ts";
import type { Person } from "../lib/people.ts";

interface Placed {
  readonly people: readonly Person[];
  readonly tree: Node | undefined;
}

/** Where the others are, with the places of fields in the text as it is now. */
export const placePeople = StateEffect.define<Placed>();

class Caret extends WidgetType {
  readonly name: string;
  readonly hue: number;

  constructor(name: string, hue: number) {
    super();
    this.name = name;
    this.hue = hue;
  }

  override eq(other: Caret): boolean {
    return other.name === this.name && other.hue === this.hue;
  }

  override toDOM(): HTMLElement {
    const caret = document.createElement("span");
    caret.className = "peer-caret";
    caret.dataset["hue"] = String(this.hue);
    caret.setAttribute("aria-hidden", "true");
    const flag = document.createElement("span");
    flag.textContent = this.name;
    caret.append(flag);
    return caret;
  }

  override ignoreEvent(): boolean {
    return true;
  }
}

const marks = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(set, transaction) {
    let next = set.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(placePeople)) next = decorate(effect.value, transaction.state.doc.length);
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** Shows the others' carets and selections, and for those in the form view the field that they are at. */
export function cursors(): Extension {
  return marks;
}

function decorate({ people, tree }: Placed, length: number): DecorationSet {
  const ranges: Range<Decoration>[] = [];
  for (const person of people) {
    const { cursor, path } = person;
    const attributes = { "data-hue": String(person.hue) };
    const caret = (at: number) =>
      Decoration.widget({ widget: new Caret(person.name, person.hue), side: 1 }).range(Math.min(at, length));
    if (cursor !== undefined) {
      const anchor = offsetOf(tree, cursor.anchor);
      const head = offsetOf(tree, cursor.head);
      if (head === undefined) continue;
      ranges.push(caret(head));
      if (anchor === undefined || anchor === head) continue;
      const [from, to] = [Math.min(anchor, head), Math.min(Math.max(anchor, head), length)];
      if (from < to) ranges.push(Decoration.mark({ class: "peer-selection", attributes }).range(from, to));
    } else if (path !== undefined && path !== "") {
      const node = nodeAt(tree, path);
      if (node === undefined || node.length === 0) continue;
      const container = node.type === "object" || node.type === "array";
      const to = Math.min(container ? node.offset + 1 : node.offset + node.length, length);
      if (node.offset < to) ranges.push(Decoration.mark({ class: "peer-field", attributes }).range(node.offset, to));
      ranges.push(caret(to));
    }
  }
  return Decoration.set(ranges, true);
}
