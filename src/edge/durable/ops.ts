import type { DataOp } from "../../kinds/stream/durable/types.ts";
import type { StreamOp } from "../../kinds/stream/types.ts";
import type { Ops } from "../../protocol/room/ops.ts";

/** What a run of ops is to a reader that has everything up to some op. */
export interface Heard {
  /** The data of each request, and the number of its last op. */
  readonly messages: readonly { readonly data: readonly DataOp[]; readonly at: number }[];
  /** The number of the run's last op. */
  readonly last: number;
  /** The stream was closed in it. */
  readonly closed: boolean;
}

/** What is new in a run to a reader that has everything up to `after`. */
export function hear(run: Ops, after: number): Heard {
  let { seq } = run;
  let closed = false;
  const messages: { readonly data: readonly DataOp[]; readonly at: number }[] = [];
  for (const { ops, skip = 0 } of run.entries) {
    const data: DataOp[] = [];
    let at = 0;
    for (const op of ops as readonly StreamOp[]) {
      if (seq > after && op.type === "close") closed = true;
      if (seq > after && (op.type === "event" || op.type === "chunk")) {
        data.push(op);
        at = seq;
      }
      seq += 1;
    }
    seq += skip;
    if (data.length > 0) messages.push({ data, at });
  }
  return { messages, last: seq - 1, closed };
}
