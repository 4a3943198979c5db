import { isComposing } from "../lib/composing.ts";

/**
 * Arrow keys and Enter in the form. Answers whether the key was used; what a text or a choice needs for itself is
 * left to it.
 */
export function moveFocus(form: HTMLElement, event: KeyboardEvent): boolean {
  const { target } = event;
  if (!(target instanceof HTMLElement) || isComposing(event) || event.altKey || event.ctrlKey || event.metaKey) {
    return false;
  }
  const column = target.dataset["nav"];
  if (column === undefined) return false;
  switch (event.key) {
    case "ArrowDown":
      return staysInText(target, "down") ? false : step(form, target, column, 1);
    case "ArrowUp":
      return staysInText(target, "up") ? false : step(form, target, column, -1);
    case "Enter":
      // In a text, Shift+Enter is a new line; on a button, Enter presses it.
      return target instanceof HTMLTextAreaElement && !event.shiftKey
        ? step(form, target, column, 1) || blurred(target)
        : false;
    case "ArrowRight":
    case "ArrowLeft":
      return fold(target, event.key === "ArrowRight");
    default:
      return false;
  }
}

function step(form: HTMLElement, from: HTMLElement, column: string, by: 1 | -1): boolean {
  const stops = [...form.querySelectorAll<HTMLElement>(`[data-nav="${column}"]`)];
  const next = stops[stops.indexOf(from) + by];
  next?.focus();
  if (next instanceof HTMLTextAreaElement && by === 1) next.setSelectionRange(0, next.value.length);
  return next !== undefined;
}

/** The last field has no next: Enter still sends what was typed. */
function blurred(target: HTMLElement): boolean {
  target.blur();
  target.focus();
  return true;
}

/** Whether the caret has another line to go to. */
function staysInText(target: HTMLElement, way: "up" | "down"): boolean {
  if (!(target instanceof HTMLTextAreaElement)) return false;
  const { value, selectionStart, selectionEnd } = target;
  return way === "up" ? value.slice(0, selectionStart).includes("\n") : value.slice(selectionEnd).includes("\n");
}

function fold(target: HTMLElement, open: boolean): boolean {
  const expanded = target.getAttribute("aria-expanded");
  if (expanded === null) return false;
  if (expanded !== String(open)) target.click();
  return true;
}

/** When a field goes, the focus goes to the one before it rather than nowhere. */
export function focusBefore(row: HTMLElement | null): void {
  const rows = [...document.querySelectorAll<HTMLElement>(".form [data-path]")];
  const place = row === null ? -1 : rows.indexOf(row);
  const next = rows[place - 1] ?? rows.find((other) => row?.parentElement?.contains(other) === false);
  const target = next?.querySelector<HTMLElement>("[data-nav=value], button");
  (target ?? document.querySelector<HTMLElement>(".add-field"))?.focus({ preventScroll: true });
}
