import { useState } from "react";
import { messageFor } from "../lib/api.ts";

export interface Work {
  readonly busy: boolean;
  /** What went wrong the last time. */
  readonly error: string | undefined;
  readonly run: (work: () => Promise<void>) => Promise<void>;
}

/**
 * Runs what takes a while, and says whether it still does and what went wrong. That goes to `report` instead where
 * there is one.
 */
export function useWork(report?: (message: string) => void): Work {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const run = async (work: () => Promise<void>) => {
    setBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (caught) {
      (report ?? setError)(messageFor(caught));
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, run };
}
