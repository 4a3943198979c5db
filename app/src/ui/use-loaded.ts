import { useCallback, useEffect, useRef, useState } from "react";
import { messageFor } from "../lib/api.ts";

export type Loaded<T> =
  | { readonly phase: "loading" }
  | { readonly phase: "loaded"; readonly value: T }
  | { readonly phase: "failed"; readonly message: string };

/** Loads, and loads again when `load` changes or on demand. What was there stays until the new has come. */
export function useLoaded<T>(load: () => Promise<T>): readonly [Loaded<T>, () => void] {
  const [state, setState] = useState<Loaded<T>>({ phase: "loading" });
  const turn = useRef(0);
  const reload = useCallback(() => {
    turn.current += 1;
    const mine = turn.current;
    load().then(
      (value) => mine === turn.current && setState({ phase: "loaded", value }),
      (error: unknown) => mine === turn.current && setState({ phase: "failed", message: messageFor(error) }),
    );
  }, [load]);
  useEffect(() => {
    reload();
    return () => {
      turn.current += 1;
    };
  }, [reload]);
  return [state, reload];
}
