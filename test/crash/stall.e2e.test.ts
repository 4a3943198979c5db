import { testStalledReaders } from "./stall.ts";

testStalledReaders(60);
