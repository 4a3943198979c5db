// What tests of servers and browsers need, made while others run: the built example and the unpacked browser.
import { unpackBundled } from "./browser-program.ts";
import build from "./build.ts";

// Where no browser can be unpacked, the `browser` project says why.
await Promise.all([build(), unpackBundled().catch(() => undefined)]);
