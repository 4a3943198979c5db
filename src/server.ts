/** `roomcast/server`: what a Worker needs. */
export * from "./edge/index.ts";
export { ChatRoom, type SendOptions } from "./room/chat/room.ts";
export type { ChatApi, MessagesPage, MessagesRange } from "./room/chat/api.ts";
export { DocumentRoom } from "./room/document/room.ts";
export { RateLimiter } from "./room/rates/limiter.ts";
export { MapRoom } from "./room/map/room.ts";
export type { MapApi } from "./room/map/api.ts";
export { KeptStreamRoom } from "./room/stream/kept-room.ts";
export { createCounter, readStats, type CounterOptions, type Stats, type StatsRequest } from "./pipeline/index.ts";
export type { Pointer } from "./room/archive/pointer.ts";
export type { Pauses } from "./room/archive/upkeep.ts";
export { Room } from "./room/room.ts";
export type { AnyDialect } from "./room/broadcast.ts";
export type { Chore } from "./room/chores.ts";
export { OPEN } from "./room/api.ts";
export { StreamRoom } from "./room/stream/room.ts";
export type {
  Duplicate,
  Published,
  PublishOptions,
  StreamApi,
  StreamFrom,
  StreamPageRequest,
} from "./room/stream/api.ts";
export type { ArchivedRun, Past } from "./room/past.ts";
export { roomOf, type RoomClass } from "./room/room-of.ts";
export { RoomError, codeOf } from "./room/errors.ts";
export type {
  Admission,
  Conditions,
  Failed,
  HistoryEntry,
  HistoryPage,
  HistoryRun,
  LimiterNamespace,
  LimiterStub,
  Outcome,
  RoomApi,
  RosterRecord,
  StateText,
  VersionInfo,
  Versions,
  WriteOptions,
  Written,
} from "./room/api.ts";
export type {
  Absent as DurableAbsent,
  Appended as DurableAppended,
  AppendRequest as DurableAppendRequest,
  Branching as DurableBranching,
  Created as DurableCreated,
  CreateRequest as DurableCreateRequest,
  DurableApi,
  DurableInfo,
  DurableMessage,
  Found as DurableFound,
  LeaseAnswer as DurableLeaseAnswer,
  ReadResult as DurableReadResult,
} from "./room/durable/api.ts";
export { defineKind, type Context, type Kind, type Migration } from "./kinds/kind.ts";
export { CHAT_LIMITS, type ChatLimits } from "./kinds/chat/limits.ts";
export type { ChatIntent, ChatOp, ChatPresence, ChatState, Message } from "./kinds/chat/types.ts";
export { mapKind } from "./kinds/map/kind.ts";
export { featureOf, featuresOf } from "./kinds/map/features.ts";
export type { MapLimits } from "./kinds/map/limits.ts";
export type {
  Feature,
  FeatureChange,
  FeatureFields,
  ImportedFeature,
  LngLat,
  MapIntent,
  MapOp,
  MapPresence,
  MapState,
  NewFeature,
} from "./kinds/map/types.ts";
export type { DocumentIntent, DocumentOp, FieldOperator, PatchOperation } from "./kinds/document/types.ts";
export type { Change, Command, Dialect, DialectEvent, Once, Run, Step } from "./dialects/dialect.ts";
export { CODES, type Code } from "./protocol/codes.ts";
export type { Json, JsonObject, LooseJson, LooseJsonObject } from "./protocol/json.ts";
export { DEFAULT_LIMITS, DEFAULT_RETENTION, type Limits, type Retention } from "./protocol/limits.ts";
export { formatVersion, parseVersion, type Position } from "./protocol/position.ts";
export { DEFAULT_RATE, type Rate } from "./protocol/rate.ts";
export { Refusal, refuse } from "./protocol/refusal.ts";
export type { Permission, User } from "./protocol/user.ts";
