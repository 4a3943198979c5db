import type { Locator, Page } from "@playwright/test";

/** Writes a message on a chat's page and sends it. */
export async function write(page: Page, text: string): Promise<void> {
  const field = page.getByRole("textbox", { name: /^Message to/ });
  await field.fill(text);
  await field.press("Enter");
}

export function message(page: Page, text: string): Locator {
  return page.getByRole("article").filter({ has: page.locator(".message-text", { hasText: text }) });
}

/** The texts of all messages that the page shows, from the top. */
export function texts(page: Page): Promise<string[]> {
  return page.locator(".message-text").evaluateAll((all) => all.map((each) => each.firstChild?.textContent ?? ""));
}

/** Opens the menu of a message, and presses its buttons one after the other. */
export async function act(page: Page, text: string, ...names: readonly string[]): Promise<void> {
  await message(page, text).hover();
  for (const name of names) await page.getByRole("button", { name, exact: true }).click();
}
