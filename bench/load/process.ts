import type { ConnectTimes, Target } from "./connection.ts";
import { Group, type RunOptions, type RunResult } from "./group.ts";

/** What the orchestrator asks of the load process. Groups are named by whoever opens them. */
export type LoadRequest =
  | { readonly do: "open"; readonly group: string; readonly target: Target; readonly sockets: number }
  | { readonly do: "run"; readonly group: string; readonly options: RunOptions }
  | { readonly do: "close"; readonly group: string };

export type LoadAnswer =
  | { readonly ok: true; readonly times?: readonly ConnectTimes[]; readonly result?: RunResult }
  | { readonly ok: false; readonly error: string };

const groups = new Map<string, Group>();

async function carryOut(request: LoadRequest): Promise<LoadAnswer> {
  switch (request.do) {
    case "open": {
      const group = new Group();
      groups.set(request.group, group);
      await group.open(request.target, request.sockets);
      return { ok: true, times: group.connectTimes.slice(0, 10) };
    }
    case "run": {
      const result = await groups.get(request.group)?.run(request.options);
      return result === undefined ? { ok: false, error: "no such group" } : { ok: true, result };
    }
    case "close":
      await groups.get(request.group)?.close();
      groups.delete(request.group);
      return { ok: true };
  }
}

process.on("message", (request: LoadRequest) => {
  void carryOut(request)
    .catch((error: unknown): LoadAnswer => ({
      ok: false,
      error: error instanceof Error ? error.message : String(error),
    }))
    .then((answer) => process.send?.(answer));
});
// The orchestrator is gone: so are the reasons to go on.
process.on("disconnect", () => process.exit(0));
