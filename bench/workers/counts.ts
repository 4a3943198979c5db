/** What a counted room says of itself since it woke. */
export interface Counts {
  /** Rows written, as the platform bills them. */
  readonly rowsWritten: number;
  /** Of them, by statements that insert into the log (or the tutorial's table of messages). */
  readonly logRows: number;
}
