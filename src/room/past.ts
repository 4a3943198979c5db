/** One run of ops as an archive gives it back: what the log's row had. */
export interface ArchivedRun {
  readonly first: number;
  readonly last: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The `ops` message, as today's clients understand it. */
  readonly body: string;
}

/** Where ops can be read that retention has dropped from the log. */
export interface Past {
  /** The oldest op that is there; Infinity for none. */
  readonly oldest: number;
  /**
   * Runs that hold the ops after `after`, oldest first, without a gap: at least one, and about 128 Ki units of them.
   * Undefined when they are not there after all. What it rejects with ends the reader's connection, which tries again.
   */
  read(after: number): Promise<readonly ArchivedRun[] | undefined>;
  /** The first op there that was committed at `at` (milliseconds since 1970) or later. */
  seqAt(at: number): Promise<number | undefined>;
}
