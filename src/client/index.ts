export { chat } from "./chat/chat.ts";
export { connect, type Lender, type Opener, type Rooms, type RoomType } from "./connect.ts";
export { RoomcastError } from "./errors.ts";
export { CHAT_LIMITS, type ChatLimits } from "../kinds/chat/limits.ts";
export { compileFilter } from "../kinds/stream/filter.ts";
export { stream } from "./stream.ts";
export { map } from "./map.ts";
export type {
  ChatHandle,
  ChatMember,
  ChatMessage,
  ConnectOptions,
  DeepReadonly,
  AddedFeature,
  DocumentHandle,
  DocumentValue,
  MapHandle,
  MutateOptions,
  Peer,
  Room,
  RoomcastErrorFields,
  RoomPresence,
  Status,
  WebSocketClass,
} from "./types.ts";
export type {
  EventInfo,
  StreamHandle,
  StreamReset,
  SubscribeFrom,
  SubscribeOptions,
  Subscription,
  SubscriptionStatus,
} from "./stream-types.ts";
export type {
  ChatIntent,
  ChatPresence,
  ChatState,
  Message,
  Person,
  Quote,
  Rules,
  Sanction,
} from "../kinds/chat/types.ts";
export type {
  Feature,
  FeatureChange,
  FeatureFields,
  Geometry,
  ImportedFeature,
  LngLat,
  MapIntent,
  MapLocation,
  MapPresence,
  MapState,
  NewFeature,
  Viewport,
} from "../kinds/map/types.ts";
export type { DocumentIntent, FieldOperator, PatchOperation } from "../kinds/document/types.ts";
export type { Context, Kind } from "../kinds/kind.ts";
export type { Code } from "../protocol/codes.ts";
export type { Json, JsonInput, JsonObject } from "../protocol/json.ts";
export type { Limits } from "../protocol/limits.ts";
export type { Permission, User } from "../protocol/user.ts";
