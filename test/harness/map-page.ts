import type { Page } from "@playwright/test";
import type { Company } from "./company.ts";
import type { PersonOptions } from "./person.ts";

/** A map is drawn by the processor here, which has the less to do the less of the world and the fewer pixels there are. */
const VIEW = { center: [10, 62], zoom: 6 };

/** Somebody opens a map, and it is drawn and live. */
export async function openMap(company: Company, id: string, options: PersonOptions = {}): Promise<Page> {
  const person = await company.somebody({ size: { width: 800, height: 400 }, pixels: 0.5, ...options });
  const { page } = person;
  await page.addInitScript(([key, view]) => localStorage.setItem(key, view), [
    `roomcast:view:${id}`,
    JSON.stringify(VIEW),
  ] as const);
  await page.goto(`${company.server.url}/map/${id}`);
  await page.locator('.map-view[data-phase="ready"]').waitFor();
  await person.status("Live");
  return page;
}

export interface Stored {
  readonly title?: string;
  readonly geometry: { readonly type: string; readonly coordinates: readonly unknown[] };
}

/** What the room has. */
export async function storedMap(company: Company, id: string): Promise<readonly Stored[]> {
  const answer = await fetch(`${company.server.url}/map/${id}`, { headers: { accept: "application/json" } });
  const { features } = (await answer.json()) as { readonly features: Record<string, Stored> };
  return Object.values(features);
}

export const tool = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
export const row = (page: Page, title: string) => page.locator(".feature-row", { hasText: title });

export async function dropPin(page: Page, [x, y]: readonly [number, number], title: string): Promise<void> {
  await tool(page, "Drop a pin");
  await page.mouse.click(x, y);
  await page.getByLabel("Title").fill(title);
  await row(page, title).waitFor();
}

export async function drawRoute(page: Page, points: readonly (readonly [number, number])[]): Promise<void> {
  await tool(page, "Draw a route");
  // Two clicks that come sooner after each other, and near, are a double click.
  for (const [x, y] of points) await page.mouse.click(x, y);
  await page.getByRole("button", { name: "Done" }).click();
}

export async function drag(
  page: Page,
  [x, y]: readonly [number, number],
  [toX, toY]: readonly [number, number],
): Promise<void> {
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move((x + toX) / 2, (y + toY) / 2, { steps: 2 });
  await page.mouse.move(toX, toY, { steps: 2 });
  await page.mouse.up();
}
