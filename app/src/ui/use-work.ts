import { useState } from "react";
import { messageFor } from "../lib/api.ts";

export interface Work {
  readonly busy: boolean;
  /** What went wrong the last time. */
  readonly error: string | undefined;
  readonly run: (work: () => Promise<void>) => Promise<void>;
}

/** Runs what takes a while, and says whether it still does and what went wrong. */
export function useWork(): Work {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const run = async (work: () => Promise<void>) => {
    setBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (caught) {
      setError(messageFor(caught));
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, run };
}
