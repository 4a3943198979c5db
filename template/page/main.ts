import { connect } from "roomcast";
import { SharedField } from "./shared-field.ts";
import "./style.css";

interface Page {
  title?: string;
  votes?: number;
}

const page = connect().document<Page, { typing: boolean }>("first");
page.presence.set({ typing: false });

const title = find<HTMLInputElement>("title");
const vote = find<HTMLButtonElement>("vote");
const field = new SharedField(title, {
  read: () => page.value?.title,
  write: (before, after) =>
    page.patch([
      // Without a title there is nothing to test but the page as a whole.
      before === undefined
        ? { op: "test", path: "", value: page.value ?? {} }
        : { op: "test", path: "/title", value: before },
      { op: "add", path: "/title", value: after },
    ]),
  onConflict(theirs) {
    find("conflict").hidden = theirs === undefined;
    find("theirs").textContent = theirs ?? "";
  },
  onError(error) {
    find("hint").textContent = `Not saved: ${error instanceof Error ? error.message : String(error)}`;
  },
});

title.addEventListener("input", showTyping);
// The field has lost the focus, or Enter was pressed.
title.addEventListener("blur", () => field.save());
find("form").addEventListener("submit", (event) => {
  event.preventDefault();
  field.save();
});
find("keep").addEventListener("click", () => field.keepMine());
find("take").addEventListener("click", () => field.useTheirs());
vote.addEventListener("click", () => page.update([{ op: "increment", path: "/votes" }]));
addEventListener("beforeunload", (event) => {
  if (field.edited || page.pending > 0) event.preventDefault();
});

page.subscribe(() => {
  const { value, status } = page;
  title.disabled = value === undefined;
  vote.disabled = value === undefined;
  find("votes").textContent = String(value?.votes ?? 0);
  find("status").textContent = status.phase;
  field.update();
  showTyping();
});

page.presence.subscribe(() => {
  const { peers } = page.presence;
  const typing = peers.some(({ data }) => data.typing) ? ", typing a title" : "";
  find("others").textContent =
    peers.length === 0 ? "Open this page in a second window." : `${peers.length} more here${typing}`;
});

let typing = false;
function showTyping(): void {
  if (typing === field.edited) return;
  typing = field.edited;
  page.presence.set({ typing });
  find("hint").textContent = typing ? "Press Enter to save." : "";
}

function find<T extends HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no #${id}.`);
  return element as T;
}
