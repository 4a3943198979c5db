import { useEffect, useRef, useState } from "react";
import { messageFor } from "../lib/api.ts";
import { AlertIcon } from "../ui/icons.tsx";
import { useToast } from "../ui/toasts.tsx";
import type { MapEngine } from "./canvas/engine.ts";
import { positionsOf } from "./geo.ts";
import type { MapSession } from "./session.ts";
import { DrawingHint, FollowHint, Tools, ViewTools } from "./tools.tsx";
import { useDark, useSession } from "./use-map.ts";

export type Drawn =
  | { readonly phase: "loading" | "ready" }
  | {
      readonly phase: "failed";
      readonly why: string;
      /** A file was missing, which may come the next time. */
      readonly canRetry?: boolean;
    };

/** Why this browser cannot draw a map; undefined when it can. */
function whyNot(): string | undefined {
  if (document.createElement("canvas").getContext("webgl2") !== null) return undefined;
  return "This browser has no WebGL 2, with which the map is drawn: it may be switched off in its settings, or the graphics driver is not trusted.";
}

interface Props {
  /** Called when it is known whether there is a map, so that the list can make up for it. */
  readonly drawn: (drawn: Drawn) => void;
}

/** The drawn map. MapLibre and the base map are downloaded here, and only where they can be used. */
export function MapView({ drawn }: Props) {
  const session = useSession();
  const dark = useDark();
  const toast = useToast();
  const container = useRef<HTMLDivElement>(null);
  const engine = useRef<MapEngine | undefined>(undefined);
  const darkNow = useRef(dark);
  const [baseMissing, setBaseMissing] = useState(false);
  const [state, setState] = useState<Drawn>(() => {
    const why = whyNot();
    return why === undefined ? { phase: "loading" } : { phase: "failed", why };
  });
  const failed = state.phase === "failed";

  useEffect(() => drawn(state), [drawn, state]);

  useEffect(() => {
    darkNow.current = dark;
    engine.current?.setDark(dark);
  }, [dark]);

  useEffect(() => {
    if (failed) return undefined;
    let over = false;
    const begin = async () => {
      const { MapEngine } = await import("./canvas/engine.ts");
      if (over || container.current === null) return;
      engine.current = new MapEngine(container.current, session, darkNow.current, {
        ready: () => setState({ phase: "ready" }),
        baseMissing: setBaseMissing,
        styleFailed: (message) =>
          toast({ tone: "bad", text: "The map style cannot be had; this is the built-in one.", detail: message }),
      });
    };
    begin().catch((error: unknown) => {
      if (over) return;
      setState({
        phase: "failed",
        why: `The map could not be started: ${messageFor(error)}`,
        canRetry: true,
      });
    });
    return () => {
      over = true;
      engine.current?.remove();
      engine.current = undefined;
    };
  }, [failed, session, toast]);

  if (failed) {
    return (
      <div className="map-view missing">
        <div className="map-missing" role="note">
          <AlertIcon />
          <div>
            <h2>No map can be drawn here</h2>
            <p>{state.why}</p>
            {state.canRetry && (
              <button type="button" className="button" onClick={() => location.reload()}>
                Reload the page
              </button>
            )}
            <p>The list has everything: see, add, move and rename places there. Others see it on their maps.</p>
          </div>
        </div>
      </div>
    );
  }
  return (
    <div className="map-view" data-phase={state.phase}>
      <div className="map-canvas" ref={container} />
      <div className="crosshair" aria-hidden="true" />
      {state.phase === "loading" && (
        <p className="map-wait" role="status">
          <span className="pulse" aria-hidden="true" />
          Loading the map…
        </p>
      )}
      {baseMissing && (
        <div className="base-missing" role="status">
          <AlertIcon size={16} />
          <p>The background of the map could not be loaded. Trying again; your places are safe.</p>
          <button type="button" className="button" onClick={() => engine.current?.retryBase()}>
            Try now
          </button>
        </div>
      )}
      <Tools />
      <ViewTools fit={() => showAll(session)} />
      <div className="map-hints">
        <FollowHint />
        <DrawingHint />
      </div>
    </div>
  );
}

/** Brings everybody who shares a location and everything on the map into view. */
export function showAll(session: MapSession): void {
  const lines = Array.from(session.handle.features?.values() ?? [], ({ geometry }) => positionsOf(geometry));
  const { location } = session.view();
  for (const at of [location, ...session.people().map((person) => person.location)]) {
    if (at) lines.push([[at.lng, at.lat]]);
  }
  session.camera?.show(lines);
}
