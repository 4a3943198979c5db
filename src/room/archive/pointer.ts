/** What a stream's room tells the queue: there are events to be counted. Never the events themselves. */
export interface Pointer {
  /** The stream's id. */
  readonly stream: string;
  readonly epoch: string;
  /** The newest event's number when it was sent. */
  readonly last: number;
}
