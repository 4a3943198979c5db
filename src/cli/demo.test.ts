import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test, vi } from "vitest";
import { traffic } from "../testing/traffic.ts";
import { demo, MOST } from "./demo.ts";

test("B4 the most that demo sends at once is what the server takes, in bytes as they are sent and as they are logged", () => {
  const site = traffic("x".repeat(200), { visitors: 40 });
  const events = Array.from({ length: MOST }, () => JSON.stringify(site.next(1_795_000_000_000)));
  expect(events.join("\n").length).toBeLessThan(1024 * 1024);
  const visitor = "x".repeat(11);
  const ops = events.map((data) => ({ type: "event", event: { data, id: "x".repeat(32), visitor } }));
  expect(JSON.stringify(ops).length).toBeLessThan(1_800_000);
});

/** A server that takes events, and knows no other address than those of streams. */
async function listen(): Promise<{ readonly server: Server; readonly url: URL; readonly paths: string[] }> {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url ?? "");
    request.resume().on("end", () => response.writeHead(request.url?.startsWith("/live/stream/") ? 200 : 404).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/live`), paths };
}

test.each([
  ["demo", "demo"],
  ["it's a site", String.raw`'it'\''s a site'`],
])(
  "every address that demo of %j prints is there, and so is the command that shows the events",
  async (stream, word) => {
    const { server, url, paths } = await listen();
    const printed: string[] = [];
    const log = vi.spyOn(console, "log").mockImplementation((line: string) => void printed.push(line));
    try {
      const ended = demo(stream, { server: url, header: new Headers(), rate: 1_000, visitors: 5 });
      await expect.poll(() => paths).not.toEqual([]);
      process.emit("SIGHUP");
      await ended;
    } finally {
      log.mockRestore();
      await new Promise((resolve) => server.close(resolve));
    }
    const addresses = printed.flatMap((line) => line.match(/https?:\/\/[^\s]*[^\s.]/g) ?? []);
    expect(new Set(addresses)).toEqual(new Set([`http://${url.host}${paths[0]}`, url.href]));
    expect(printed).toContain(`Watch them with: roomcast tail ${word} --server ${url.href}`);
  },
);
