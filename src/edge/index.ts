export { deny, type Denial } from "./deny.ts";
export type { Asking, Authorize, EdgeOptions, Grant, RoomNamespace, RoomStub } from "./options.ts";
export { createRoutes, createWorker, type Routes } from "./routes.ts";
