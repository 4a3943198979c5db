export { deny, type Denial } from "./deny.ts";
export type { RoutingServer } from "./maps/routing.ts";
export type {
  Asking,
  Authorize,
  EdgeOptions,
  Grant,
  MapNamespace,
  MapStub,
  RoomNamespace,
  RoomStub,
  StreamNamespace,
  StreamStub,
} from "./options.ts";
export { createRoutes, createWorker, type Routes } from "./routes.ts";
