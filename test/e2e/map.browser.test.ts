import type { Page } from "@playwright/test";
import { expect, test } from "vitest";
import { expectAccessible } from "../harness/axe.ts";
import { Company } from "../harness/company.ts";
import { drag, drawRoute, dropPin, openMap, row, storedMap } from "../harness/map-page.ts";
import type { PersonOptions } from "../harness/person.ts";

// The page of the map, with people in real browsers: what they drop, drag and draw meets, stays, and can be had by list.

const company = Company.gather();

const open = (id: string, options?: PersonOptions) => openMap(company, id, options);
const stored = (id: string) => storedMap(company, id);

/** The list's lines, such as `Camp / Pin · 59.9° N, 10.7° E`. */
function listed(page: Page): Promise<readonly string[]> {
  return page
    .locator(".feature-row .feature-words")
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((part) => part.textContent).join(" / ")).toSorted());
}

async function camp(id: string): Promise<readonly number[]> {
  const found = (await stored(id)).find(({ title }) => title === "Camp");
  return (found?.geometry.coordinates ?? []) as readonly number[];
}

test("two people drop, drag and draw at once, also by keys; who comes later, and after a crash, sees all of it", async () => {
  const id = "together";
  const [ana, ben] = await Promise.all([open(id, { name: "Ana Lind" }), open(id, { name: "Ben Oda" })]);

  await Promise.all([
    dropPin(ana, [220, 220], "Camp"),
    drawRoute(ben, [
      [120, 280],
      [300, 280],
    ]),
  ]);
  await Promise.all([row(ana, "Untitled route").waitFor(), row(ben, "Camp").waitFor()]);
  await ben.mouse.move(300, 240);
  await ana.locator(".map-pointer", { hasText: "Ben Oda" }).waitFor({ state: "attached" });

  // Ben takes the pin where his own map draws it, while Ana draws.
  const [wasLng = 0, wasLat = 0] = await camp(id);
  await Promise.all([
    drag(ben, [220, 205], [300, 160]),
    drawRoute(ana, [
      [100, 160],
      [150, 200],
    ]),
  ]);
  await expect.poll(() => stored(id)).toHaveLength(3);
  await expect.poll(() => camp(id)).not.toEqual([wasLng, wasLat]);
  const [lng = 0, lat = 0] = await camp(id);
  expect([lng > wasLng, lat > wasLat]).toEqual([true, true]);

  await byHand(ana, id);
  await expect.poll(() => listed(ana)).toHaveLength(4);
  const late = await open(id, { name: "Cleo Ito", colorScheme: "dark", size: { width: 390, height: 640 } });
  await expect.poll(() => listed(late)).toEqual(await listed(ana));
  // On a phone the list does not come over the map before the route is done.
  await drawRoute(late, [
    [100, 400],
    [180, 420],
    [260, 400],
  ]);
  await expect.poll(async () => (await stored(id)).map(({ geometry }) => geometry.coordinates.length)).toContain(3);
  await expect.poll(() => listed(ana)).toHaveLength(5);
  const agreed = await listed(ana);
  for (const page of [ben, late]) await expect.poll(() => listed(page)).toEqual(agreed);

  const kept = await stored(id);
  await company.server.kill9();
  await ana.getByTestId("status").filter({ hasText: "Reconnecting" }).waitFor();
  await company.server.restart();
  for (const { page } of company.people) await page.getByTestId("status").filter({ hasText: "Live" }).waitFor();
  expect(await stored(id)).toEqual(kept);
  for (const { page } of company.people) expect(await listed(page)).toEqual(agreed);
  await late.getByRole("tab", { name: "People" }).click();
  await late.getByText("2 others here").waitFor();
  await expectAccessible(late, "on a phone, dark");
});

/** With the keyboard alone: a pin in the middle of the map, moved, taken back; the map saved, changed, restored. */
async function byHand(page: Page, id: string): Promise<void> {
  const { keyboard } = page;
  const made = async () => (await stored(id)).find((one) => one.geometry.type === "Point" && one.title === undefined);
  await page.locator(".map-tools button").first().focus();
  await keyboard.press("p");
  const onMap = () => page.evaluate(() => document.activeElement instanceof HTMLCanvasElement);
  for (let i = 0; i < 6 && !(await onMap()); i += 1) await keyboard.press("Shift+Tab");
  await keyboard.press("Enter");
  await row(page, "Untitled pin").waitFor();
  await expect.poll(made).toBeDefined();
  const before = (await made())?.geometry;
  await keyboard.press("ArrowRight");
  await keyboard.press("ArrowRight");
  await expect.poll(async () => (await made())?.geometry).not.toEqual(before);
  await keyboard.press("Control+z");
  await expect.poll(async () => (await made())?.geometry).toEqual(before);

  await page.getByRole("tab", { name: "Places" }).focus();
  await keyboard.press("ArrowLeft");
  await page.getByLabel("Save the map as it is now").focus();
  await keyboard.type("four things");
  await keyboard.press("Enter");
  await page.getByRole("button", { name: "Restore four things" }).waitFor();
  await page.getByRole("tab", { name: "Saved" }).focus();
  await keyboard.press("ArrowRight");
  await row(page, "Untitled pin").focus();
  await keyboard.press("Delete");
  await expect.poll(made).toBeUndefined();
  await page.getByRole("tab", { name: "Places" }).focus();
  await keyboard.press("ArrowLeft");
  await page.getByRole("button", { name: "Restore four things" }).focus();
  await keyboard.press("Enter");
  await page.getByRole("button", { name: "Restore", exact: true }).focus();
  await keyboard.press("Enter");
  await expect.poll(async () => (await made())?.geometry).toEqual(before);
  await page.getByRole("tab", { name: "Saved" }).focus();
  await keyboard.press("ArrowRight");
}

test("without WebGL the list says why there is no map, and is enough", async () => {
  // A room of its own for each try.
  const id = `no-webgl-${crypto.randomUUID()}`;
  const person = await company.somebody();
  const { page } = person;
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.addInitScript(() => {
    Object.defineProperty(HTMLCanvasElement.prototype, "getContext", { value: () => null });
  });
  await page.goto(`${company.server.url}/map/${id}`);
  await person.status("Live");
  await page.getByText("This browser has no WebGL 2").waitFor();
  await page.getByRole("button", { name: "Add pin" }).click();
  await page.getByLabel("Title").fill("Harbour");
  await page.getByLabel("Latitude").fill("60.39");
  await page.getByLabel("Longitude").fill("5.32");
  await page.keyboard.press("Enter");
  await expect
    .poll(() => stored(id))
    .toMatchObject([{ title: "Harbour", geometry: { type: "Point", coordinates: [5.32, 60.39] } }]);
  await expectAccessible(page, "without WebGL");
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Undo" }).click();
  await row(page, "Harbour").waitFor();
  // What is not of the interface is not the page either.
  const other = await fetch(`${company.server.url}/api/mapx`);
  expect([other.status, await other.json()]).toMatchObject([404, { error: { code: "not_found" } }]);
  expect(asked.filter((url) => /engine|land|maplibre/.test(url))).toEqual([]);
});
