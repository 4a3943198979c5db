import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test("the package loads where there is no TextEncoder, as in Jest with jsdom", async () => {
  vi.resetModules();
  vi.stubGlobal("TextEncoder", undefined);
  vi.stubGlobal("TextDecoder", undefined);
  const [client, kind, react] = await Promise.all([
    import("./index.ts"),
    import("../kind.ts"),
    import("../react/index.ts"),
  ]);
  expect([client.connect, kind.defineKind, react.useDocument]).not.toContain(undefined);
});
