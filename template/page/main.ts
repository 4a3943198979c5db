import { connect } from "roomcast";
import "./style.css";

interface Page {
  title?: string;
  votes?: number;
}

const page = connect().document<Page, { here: true }>("first");
page.presence.set({ here: true });

const title = find<HTMLInputElement>("title");
const vote = find<HTMLButtonElement>("vote");

title.addEventListener("input", () => page.merge({ title: title.value }));
vote.addEventListener("click", () => page.update([{ op: "increment", path: "/votes" }]));

page.subscribe(() => {
  const { value, status } = page;
  title.disabled = value === undefined;
  vote.disabled = value === undefined;
  if (title.value !== (value?.title ?? "")) title.value = value?.title ?? "";
  find("votes").textContent = String(value?.votes ?? 0);
  find("status").textContent = status.phase;
});

page.presence.subscribe(() => {
  const others = page.presence.peers.length;
  find("others").textContent = others === 0 ? "Open this page in a second window." : `${others} more here`;
});

function find<T extends HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no #${id}.`);
  return element as T;
}
