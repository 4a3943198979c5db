import type { Page } from "@playwright/test";
import { expect, test } from "vitest";
import { Company } from "../harness/company.ts";
import { drag, dropPin, openMap, row, storedMap, tool } from "../harness/map-page.ts";

// What several people at one map's page must not do to each other, and what undo takes back.

const company = Company.gather();

const title = (page: Page) => page.getByLabel("Title");
const titles = async (id: string) => (await storedMap(company, id)).map((one) => one.title);

/** Waits until there is something to be dragged: it is drawn in a thread of its own. */
async function canTake(page: Page, x: number, y: number): Promise<void> {
  const cursor = async (): Promise<string> => {
    await page.mouse.move(x + 1, y);
    await page.mouse.move(x, y);
    return page.locator(".map-canvas canvas").evaluate((canvas) => canvas.style.cursor);
  };
  await expect.poll(cursor).toBe("grab");
}

test("M19 leaving a field keeps what somebody else wrote into it meanwhile", async () => {
  const id = "fields";
  const [ana, ben] = await Promise.all([
    openMap(company, id, { name: "Ana Lind" }),
    openMap(company, id, { name: "Ben Oda" }),
  ]);
  await dropPin(ana, [300, 200], "Camp");
  await expect.poll(() => titles(id)).toEqual(["Camp"]);
  await row(ben, "Camp").click();
  await title(ben).fill("Base");
  await expect.poll(() => titles(id)).toEqual(["Base"]);
  // Told at once, though her hands have just rested, or shown.
  await row(ana, "Base").waitFor();
  await ana.getByLabel("Note").fill("By the river");
  await expect
    .poll(async () => (await storedMap(company, id))[0])
    .toMatchObject({ title: "Base", note: "By the river" });
  expect(await title(ana).inputValue()).toBe("Base");
});

test("M20 Ctrl+Z on a colour takes back the colour, and a message's Undo goes with the next change", async () => {
  const id = "undo";
  const ana = await openMap(company, id, { name: "Ana Lind" });
  await dropPin(ana, [300, 200], "Camp");
  await expect.poll(() => titles(id)).toEqual(["Camp"]);
  await ana.getByRole("radio", { name: "Red" }).click();
  await expect.poll(async () => (await storedMap(company, id))[0]).toMatchObject({ color: "#c2362f" });
  await ana.keyboard.press("Control+z");
  await expect.poll(async () => (await storedMap(company, id))[0]).toMatchObject({ title: "Camp", color: "#1f62c4" });
  expect(await title(ana).inputValue()).toBe("Camp");

  await ana.getByRole("button", { name: "Delete" }).click();
  await ana.locator(".toast", { hasText: "Deleted" }).waitFor();
  await ana.getByRole("button", { name: "Add pin" }).click();
  await ana.locator(".toast", { hasText: "Deleted" }).waitFor({ state: "detached" });
});

test("M21 a double click ends a route with one point, and a drag that the window's leaving ends is one change", async () => {
  const id = "drags";
  const ana = await openMap(company, id, { name: "Ana Lind" });
  await tool(ana, "Draw a route");
  await ana.mouse.click(150, 250);
  await ana.mouse.click(250, 250);
  await ana.mouse.dblclick(350, 250);
  await ana.getByRole("button", { name: "Look and move", pressed: true }).waitFor();
  const corners = async () => (await storedMap(company, id))[0]?.geometry.coordinates.length;
  await expect.poll(corners).toBe(3);

  await canTake(ana, 200, 250);
  await ana.mouse.down();
  await ana.mouse.move(200, 220, { steps: 3 });
  await ana.evaluate(() => window.dispatchEvent(new Event("blur")));
  await ana.mouse.up();
  await expect.poll(corners).toBe(4);
  const end = async () => (await storedMap(company, id))[0]?.geometry.coordinates.at(-1);
  const before = await end();
  // Comes after whatever the drag before it did.
  await canTake(ana, 350, 250);
  await drag(ana, [350, 250], [360, 200]);
  await expect.poll(end).not.toEqual(before);
  expect(await corners()).toBe(4);
});

test("who asks to be followed is followed from the first moment, until one looks elsewhere; or is declined", async () => {
  const id = "follow";
  const ana = await openMap(company, id, { name: "Ana Lind" });
  const viewOf = (page: Page) =>
    page.evaluate((key) => JSON.parse(localStorage.getItem(key) ?? "{}") as { zoom: number }, `roomcast:view:${id}`);
  await ana.getByRole("button", { name: "Zoom in" }).click();
  await expect.poll(async () => (await viewOf(ana)).zoom).toBe(7);

  const ben = await openMap(company, id, { name: "Ben Oda" });
  await ben.getByRole("tab", { name: "People" }).click();
  await ben.getByRole("button", { name: "Follow me" }).click();
  await ana.getByText("asks you to follow").waitFor();
  await ana.locator(".map-hint").getByRole("button", { name: "Follow", exact: true }).click();
  await expect.poll(async () => (await viewOf(ana)).zoom).toBe(6);
  await ana.getByRole("button", { name: "Zoom out" }).click();
  await expect.poll(async () => (await viewOf(ana)).zoom).toBe(5);
  await ana.getByRole("button", { name: "Do not follow Ben Oda" }).click();
  expect(await ana.locator(".map-hint").count()).toBe(0);
});
