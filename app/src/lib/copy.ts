/**
 * Puts a text on the clipboard; rejects where the browser does not let the page. Pages on plain HTTP, as in a local network,
 * have no `navigator.clipboard`: there, and where it refuses, a selection is copied.
 */
export async function copyText(text: string): Promise<void> {
  const { clipboard } = navigator as { clipboard?: Clipboard };
  if (clipboard !== undefined) {
    try {
      await clipboard.writeText(text);
      return;
    } catch {
      // A page in a frame, for example, may copy what is selected and no more.
    }
  }
  if (!copySelected(text)) throw new Error("This browser does not let the page copy.");
}

function copySelected(text: string): boolean {
  const focused = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.style.position = "fixed";
  field.style.opacity = "0";
  document.body.append(field);
  try {
    field.select();
    // Deprecated, and the only way there is without a secure context.
    return document.execCommand("copy");
  } finally {
    field.remove();
    if (focused instanceof HTMLElement) focused.focus();
  }
}
