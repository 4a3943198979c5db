/** What counting needs of a stream's room. */
export interface CountedRoom {
  history(range: { readonly from?: number; readonly limit?: number }): Promise<CountedPage | CountedFailure>;
  /** Tells the room that everything up to `last` of this epoch is counted. */
  counted(epoch: string, last: number): Promise<void>;
}

export interface CountedPage {
  readonly epoch: string;
  readonly oldest: number;
  /** Ops up to this one are another stream's, which counts them. */
  readonly inherited?: number;
  readonly runs: readonly {
    readonly seq: number;
    readonly at: number;
    readonly entries: readonly { readonly ops: readonly unknown[] }[];
  }[];
}

export interface CountedFailure {
  readonly ok: false;
  readonly code: string;
  readonly message: string;
}
