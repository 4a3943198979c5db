import { testStops } from "./stop.ts";

// A machine that does nothing else: ROUNDS=50 npx vitest run test/serve/stop.full.e2e.test.ts
testStops(Number(process.env["ROUNDS"] ?? 5));
