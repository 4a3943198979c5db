/** `roomcast/kind`: what a kind is written with. Runs in the room and in browsers alike, and brings neither along. */
export { defineKind, type Context, type Draft, type Kind, type Migration } from "./kinds/kind.ts";
export { Refusal, refuse } from "./protocol/refusal.ts";
export type { Code } from "./protocol/codes.ts";
export type { Json, JsonObject } from "./protocol/json.ts";
export type { Limits, Retention } from "./protocol/limits.ts";
export type { Rate } from "./protocol/rate.ts";
export type { Permission, User } from "./protocol/user.ts";
