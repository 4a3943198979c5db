/** `roomcast/testing`: for people who write their own kind. Runs anywhere, needs no room and no test runner. */
export { checkKind, type Scenario } from "./check-kind.ts";
export { replay, type Replayed, type ReplayOptions, type ReplayRefusal } from "./replay.ts";
export { traffic, type TrafficEvent, type TrafficOptions } from "./traffic.ts";
