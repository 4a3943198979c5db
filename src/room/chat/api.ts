import type { Message } from "../../kinds/chat/types.ts";
import type { Failed, RoomApi } from "../api.ts";

/** Which messages: at most one of `before`, `after` and `since`; the newest where there is none. */
export interface MessagesRange {
  /** Those numbered below. */
  readonly before?: number;
  /** Those numbered above, the nearest ones. */
  readonly after?: number;
  /** Those sent then or later, in milliseconds since 1970, the earliest ones. */
  readonly since?: number;
  /** 1 to 500; 100 unless told otherwise. */
  readonly limit?: number;
}

/** Messages as they read now, deleted ones among them without their text. */
export interface MessagesPage {
  /** The room's version, `<epoch>.<seq>`, at which this is so. */
  readonly version: string;
  /** Newest first, whichever way was asked. */
  readonly messages: readonly Message[];
  /** What to give as `before` for the next page, or as `after` if that or `since` was asked. Absent at the end. */
  readonly next?: number;
}

/** What a chat room offers over RPC, besides what every room does. */
export interface ChatApi extends RoomApi {
  messages(range?: MessagesRange): Promise<MessagesPage | Failed>;
}
