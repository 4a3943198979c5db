import { expect, test } from "vitest";
import { LiveWindow, OTHER, SECONDS } from "./window.ts";

const T = 1_800_000_000_000;
const view = (path: string, at: number, visitor?: string) => ({ type: "pageview", path, at, visitor });

test("events are counted in their second, whatever the order they come in", () => {
  const live = new LiveWindow();
  for (const at of [T + 2500, T, T + 2000, T + 999]) live.add(view("/", at), T + 3000);
  const { perSecond, from, events, rate } = live.view(T + 3000);
  expect(perSecond.slice(-3)).toEqual([2, 0, 2]);
  expect(from).toBe(T / 1000 + 3 - SECONDS);
  expect([events, rate]).toEqual([4, 0.4]);
});

test("a second that is not over is no point of the chart yet", () => {
  const live = new LiveWindow();
  live.add(view("/", T + 100), T + 200);
  expect(live.view(T + 200)).toMatchObject({ events: 1, rate: 0 });
  expect(live.view(T + 200).perSecond.at(-1)).toBe(0);
  expect(live.view(T + 1000).perSecond.at(-1)).toBe(1);
});

test("a visitor is here for five minutes after their last event, and once", () => {
  const live = new LiveWindow();
  live.add(view("/", T, "ada"), T);
  live.add(view("/", T + 60_000, "ada"), T + 60_000);
  live.add(view("/", T + 60_000, "ben"), T + 60_000);
  live.add(view("/", T + 60_000), T + 60_000);
  expect(live.view(T + 60_000).visitorsNow).toBe(2);
  expect(live.view(T + 61_000).visitors.slice(-3)).toEqual([1, 1, 2]);
  expect(live.view(T + 359_000).visitorsNow).toBe(2);
  expect(live.view(T + 360_000).visitorsNow).toBe(0);
  live.add(view("/", T + 700_000, "ada"), T + 700_000);
  expect(live.view(T + 700_000).visitorsNow).toBe(1);
});

test("what is older than five minutes is taken off again, and forgotten", () => {
  const live = new LiveWindow();
  live.add(view("/old", T), T);
  live.add(view("/new", T + 200_000), T + 200_000);
  live.add({ type: "click", path: "/new", at: T + 200_000 }, T + 200_000);
  expect(live.view(T + 250_000).pages).toEqual([
    { name: "/new", events: 1 },
    { name: "/old", events: 1 },
  ]);
  expect(live.view(T + 302_000).pages).toEqual([{ name: "/new", events: 1 }]);
  expect(live.view(T + 302_000).types).toEqual([
    { name: "click", events: 1 },
    { name: "pageview", events: 1 },
  ]);
  live.add(view("/old", T), T + 302_000);
  expect(live.view(T + 302_000).events).toBe(2);
});

test("names beyond the bound are counted together", () => {
  const live = new LiveWindow();
  for (let i = 0; i < 2_100; i += 1) live.add(view(`/${i}`, T), T);
  expect(live.view(T).pages[0]).toEqual({ name: OTHER, events: 100 });
});
