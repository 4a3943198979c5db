import { expect, test } from "vitest";
import { traffic } from "../testing/traffic.ts";
import { MOST } from "./demo.ts";

test("B4 the most that demo sends at once is what the server takes, in bytes as they are sent and as they are logged", () => {
  const site = traffic("x".repeat(200), { visitors: 40 });
  const events = Array.from({ length: MOST }, () => JSON.stringify(site.next(1_795_000_000_000)));
  expect(events.join("\n").length).toBeLessThan(1024 * 1024);
  const visitor = "x".repeat(11);
  const ops = events.map((data) => ({ type: "event", event: { data, id: "x".repeat(32), visitor } }));
  expect(JSON.stringify(ops).length).toBeLessThan(1_800_000);
});
