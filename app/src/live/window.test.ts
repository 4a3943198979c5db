import { expect, test } from "vitest";
import { LiveWindow, OTHER, SECONDS } from "./window.ts";

const T = 1_800_000_000_000;
const view = (path: string, at: number, visitor?: string) => ({ type: "pageview", path, at, visitor });

test("events are counted in their second, whatever the order they come in", () => {
  const live = new LiveWindow();
  for (const at of [T + 2500, T, T + 2000, T + 999]) live.add(view("/", at), T + 3000);
  const { series, events, rate } = live.view(T + 3000);
  expect(series.events.slice(-3)).toEqual([2, 0, 2]);
  expect(series.times[0]).toBe(T / 1000 + 3 - SECONDS);
  expect([events, rate]).toEqual([4, 0.4]);
});

test("a second that is not over is no point of the chart yet", () => {
  const live = new LiveWindow();
  live.add(view("/", T + 100), T + 200);
  expect(live.view(T + 200)).toMatchObject({ events: 1, rate: 0 });
  expect(live.view(T + 200).series.events.at(-1)).toBe(0);
  expect(live.view(T + 1000).series.events.at(-1)).toBe(1);
});

test("a visitor is here for five minutes after their last event, and once", () => {
  const live = new LiveWindow();
  live.add(view("/", T, "ada"), T);
  live.add(view("/", T + 60_000, "ada"), T + 60_000);
  live.add(view("/", T + 60_000, "ben"), T + 60_000);
  live.add(view("/", T + 60_000), T + 60_000);
  expect(live.view(T + 60_000).visitorsNow).toBe(2);
  expect(live.view(T + 61_000).series.visitors.slice(-3)).toEqual([1, 1, 2]);
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

test("a clock that turns out to be ahead does not keep events out", () => {
  const live = new LiveWindow();
  live.view(T + 3_600_000);
  live.add(view("/", T), T + 100);
  expect(live.view(T + 1000).events).toBe(1);
});

test("the series is the same until a full second changes", () => {
  const live = new LiveWindow();
  live.add(view("/", T), T);
  const { series } = live.view(T + 5000);
  live.add(view("/", T + 5100), T + 5100);
  expect(live.view(T + 5900).series).toBe(series);
  live.add(view("/", T + 100), T + 5900);
  expect(live.view(T + 5900).series.events.slice(-5)[0]).toBe(2);
  expect(live.view(T + 6000).series.events.at(-1)).toBe(1);
});
