import type { Dialect } from "../../../src/dialects/dialect.ts";
import type { LabOp, LabState } from "./lab.ts";

/** The event at which its code fails; empty for none. */
type Session = string;

/** A wire format with a fault: `fail` makes its code throw at the next such event, for this connection alone. */
export const faulty: Dialect<Session, LabState, LabOp> = {
  name: "faulty",
  start: "",
  step(session, event) {
    if (event.type === session || (event.type === "open" && event.params["fail"] === true))
      throw new Error("secret of the dialect");
    if (event.type === "run") return { session, frames: ["run"], commands: [] };
    if (event.type !== "frame" || typeof event.data !== "string") return { session, frames: [], commands: [] };
    const said = JSON.parse(event.data) as { readonly fail: string } | { readonly ask: unknown };
    if ("fail" in said) return { session: said.fail, frames: ["ready"], commands: [] };
    return { session, frames: [], commands: [{ do: "mutate", intents: [said.ask] }] };
  },
};
