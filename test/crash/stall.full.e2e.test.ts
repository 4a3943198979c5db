import { testStalledReaders } from "./stall.ts";

testStalledReaders(200);
