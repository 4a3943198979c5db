import type { Page } from "@playwright/test";
import { expect, test } from "vitest";
import { Company } from "../harness/company.ts";
import { openMap, row, storedMap, tool } from "../harness/map-page.ts";

// What the map's page shows besides places: details, a base map that is missing, pins by the thousand.

const company = Company.gather();

const first = async (id: string) => (await storedMap(company, id))[0];

async function seed(id: string, intents: readonly unknown[]): Promise<void> {
  const response = await fetch(`${company.server.url}/map/${id}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ intents }),
  });
  expect(response.status).toBe(200);
}

const pin = (lng: number, lat: number, more: object = {}) => ({
  type: "addFeature",
  feature: { geometry: { type: "Point", coordinates: [lng, lat] }, ...more },
});

test("M24 a pin that was dropped waits for its name; its details are shown, changed and added", async () => {
  const id = "details";
  const ana = await openMap(company, id, { name: "Ana Lind" });
  await tool(ana, "Drop a pin");
  await ana.mouse.click(300, 200);
  await ana.getByLabel("Title").waitFor();
  await ana.keyboard.type("Camp");
  await expect.poll(() => first(id)).toMatchObject({ title: "Camp" });

  await ana.getByText("Details", { exact: true }).click();
  await ana.getByLabel("Name of a new detail").fill("beds");
  await ana.getByLabel("Its value").fill("12");
  await ana.getByLabel("Its value").press("Enter");
  await expect.poll(() => first(id)).toMatchObject({ metadata: { beds: 12 } });
  const ben = await openMap(company, id, { name: "Ben Oda" });
  await row(ben, "Camp").click();
  await ben.getByLabel("beds", { exact: true }).fill("13");
  await expect.poll(() => first(id)).toMatchObject({ metadata: { beds: 13 } });
  await expect.poll(() => ana.getByLabel("beds", { exact: true }).inputValue()).toBe("13");
  await ana.getByRole("button", { name: "Remove beds" }).click();
  await expect.poll(async () => Object.keys((await first(id)) ?? {})).not.toContain("metadata");
});

test("M25 a base map that is missing is said, and asked for again until it comes", async () => {
  const person = await company.somebody({ size: { width: 800, height: 400 }, pixels: 0.5 });
  const { page } = person;
  const files = /\/(land|borders|labels)[^/]*\.json/;
  await page.route(files, (route) => route.abort());
  await page.goto(`${company.server.url}/map/missing`);
  const notice = page.getByText("The background of the map could not be loaded");
  await notice.waitFor();
  await person.status("Live");
  await page.unroute(files);
  await page.getByRole("button", { name: "Try now" }).click();
  await notice.waitFor({ state: "detached" });
});

test("M26 many pins near each other are one circle, and a click on it comes nearer", async () => {
  const id = "crowd";
  await seed(
    id,
    Array.from({ length: 60 }, (_, n) => pin(10 + (n % 8) / 1_000, 62 + Math.floor(n / 8) / 1_000)),
  );
  const ana = await openMap(company, id, { name: "Ana Lind" });
  const zoom = (page: Page) =>
    page.evaluate(
      (key) => (JSON.parse(localStorage.getItem(key) ?? "{}") as { zoom?: number }).zoom ?? 0,
      `roomcast:view:${id}`,
    );
  const box = await ana.locator(".map-canvas canvas").boundingBox();
  const [x, y] = [(box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2];
  const cursor = async (): Promise<string> => {
    await ana.mouse.move(x + 1, y);
    await ana.mouse.move(x, y);
    return ana.locator(".map-canvas canvas").evaluate((canvas) => canvas.style.cursor);
  };
  // A pin could be taken and would show a hand that grabs.
  await expect.poll(cursor).toBe("pointer");
  const before = await zoom(ana);
  await ana.mouse.click(x, y);
  await expect.poll(() => zoom(ana)).toBeGreaterThan(before + 1);
});
