import type { ReactNode } from "react";
import type { Live } from "../room/use-live.ts";
import type { SavedApi } from "./api.ts";

/** What one calls a room that is saved, and what is saved of it. */
export interface SavedWords {
  /** Such as `document`. */
  readonly room: string;
  /** Such as `version`. */
  readonly saved: string;
  /** A name that one might give, such as `first draft`. */
  readonly example: string;
  /** Shown while nothing is saved. */
  readonly empty: string;
}

/** What the list and its rows need of the room whose versions they show. */
export interface SavedOptions {
  readonly api: SavedApi;
  readonly room: Live;
  readonly words: SavedWords;
  /** What a restore of the version with this name would change, where that can be shown. */
  readonly renderPreview?: (name: string) => ReactNode;
}
