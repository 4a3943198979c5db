export { createCounter, type CounterOptions } from "./consumer.ts";
export { countEvents } from "./count.ts";
export type { CountedPage, CountedRoom } from "./counted-room.ts";
export { readStats, type NameRow, type Stats, type StatsRequest, type TimeRow } from "./stats.ts";
