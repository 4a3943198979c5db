import { testStops } from "./stop.ts";

testStops(2);
