import { type ReactNode, useState } from "react";
import { useStatus } from "../room/use-live.ts";
import { CheckIcon, CloseIcon, PlusIcon } from "../ui/icons.tsx";
import { areaOf, lengthOf, metres, positionsOf, squareMetres } from "./geo.ts";
import { AreaIcon, FitIcon, HandIcon, MinusIcon, PinIcon, RouteIcon, UndoIcon } from "./icons.tsx";
import { type MapSession, type Tool, dragged } from "./session.ts";
import { useCanUndo, useFeature, usePeople, useSession, useView } from "./use-map.ts";

const TOOLS: readonly { readonly tool: Tool; readonly name: string; readonly key: string; readonly icon: ReactNode }[] =
  [
    { tool: "look", name: "Look and move", key: "V", icon: <HandIcon /> },
    { tool: "pin", name: "Drop a pin", key: "P", icon: <PinIcon /> },
    { tool: "route", name: "Draw a route", key: "R", icon: <RouteIcon /> },
    { tool: "area", name: "Draw an area", key: "A", icon: <AreaIcon /> },
  ];

/** The tool that a key stands for, where no text is being typed. */
export function toolOf(key: string): Tool | undefined {
  return TOOLS.find((tool) => tool.key.toLowerCase() === key.toLowerCase())?.tool;
}

/** What a click does, over the map. */
export function Tools() {
  const session = useSession();
  const { tool, draft, undoing } = useView(session);
  const canUndo = useCanUndo(session);
  if (!session.mayWrite) return null;
  return (
    <div className="map-tools draw-tools" role="toolbar" aria-label="Tools">
      {TOOLS.map(({ tool: each, name, key, icon }) => (
        <button
          key={each}
          type="button"
          aria-pressed={tool === each}
          aria-label={name}
          aria-keyshortcuts={key}
          title={`${name} (${key})`}
          onClick={() => session.pick(each)}
        >
          {icon}
        </button>
      ))}
      <button
        type="button"
        className="apart"
        disabled={draft.length === 0 && (!canUndo || undoing)}
        aria-busy={undoing}
        aria-label="Undo my last change"
        title={undoing ? "Waiting for the server to undo it" : "Undo my last change (Ctrl+Z)"}
        onClick={() => session.undo()}
      >
        <UndoIcon />
      </button>
    </div>
  );
}

/** Zoom, and everything at once. */
export function ViewTools({ fit }: { readonly fit: () => void }) {
  const session = useSession();
  return (
    <div className="map-tools view-tools" role="group" aria-label="View">
      <button type="button" aria-label="Zoom in" title="Zoom in" onClick={() => session.camera?.zoomBy(1)}>
        <PlusIcon />
      </button>
      <button type="button" aria-label="Zoom out" title="Zoom out" onClick={() => session.camera?.zoomBy(-1)}>
        <MinusIcon />
      </button>
      <button
        type="button"
        className="apart"
        aria-label="Show everyone and everything"
        title="Show everyone and everything"
        onClick={fit}
      >
        <FitIcon />
      </button>
    </div>
  );
}

/** What to do next while something is drawn, and how long it is by now. */
export function DrawingHint() {
  const session = useSession();
  const view = useView(session);
  const feature = useFeature(session, view.drawing ?? view.drag?.id);
  const { tool, draft, drawing, drag } = view;
  if (tool === "look") {
    if (!drag || !feature || feature.geometry.type === "Point") return null;
    return <p className="map-hint">{sizeOf(session)}</p>;
  }
  const started = draft.length > 0 || drawing !== undefined;
  return (
    <div className="map-hint" role="status">
      <p>
        {words(tool, started, draft.length)}
        {started && tool !== "pin" && <strong>{sizeOf(session)}</strong>}
      </p>
      {started && (
        <button type="button" className="button primary" onClick={() => session.finish()}>
          <CheckIcon size={16} />
          Done
        </button>
      )}
      <button
        type="button"
        className="button quiet icon"
        aria-label={started ? "Stop drawing" : "Put the tool away"}
        onClick={() => session.cancel()}
      >
        <CloseIcon size={16} />
      </button>
    </div>
  );
}

function words(tool: Tool, started: boolean, points: number): string {
  if (tool === "pin") return "Click where the pin goes.";
  if (!started) return tool === "route" ? "Click where the route begins." : "Click the first corner of the area.";
  if (tool === "area" && points < 3) return "Click the next corner.";
  return "Click on; a double click ends it.";
}

/** The length or the size of what is being drawn or dragged, as it is this moment. */
function sizeOf(session: MapSession): string {
  const { tool, draft, drawing, drag } = session.view();
  if (tool === "area") return draft.length > 2 ? squareMetres(areaOf(draft)) : "";
  const id = drawing ?? drag?.id;
  const geometry = id === undefined ? undefined : session.handle.feature(id)?.geometry;
  if (geometry === undefined) return "";
  const now = drag?.id === id && drag ? dragged(geometry, drag) : geometry;
  return now.type === "Polygon" ? squareMetres(areaOf(positionsOf(now))) : metres(lengthOf(positionsOf(now)));
}

/** Whom this person follows, or who asks to be followed. */
export function FollowHint() {
  const session = useSession();
  const people = usePeople(session);
  const { following } = useView(session);
  const away = useStatus(session.handle).phase !== "live";
  const [declined, setDeclined] = useState<readonly string[]>([]);
  const followed = people.find(({ conn }) => conn === following);
  const leaders = people.filter(({ leads }) => leads === true);
  const leader = leaders.find(({ conn }) => !declined.includes(conn));
  // Who stops asking may ask again.
  const still = declined.filter((conn) => leaders.some((other) => other.conn === conn));
  if (still.length < declined.length) setDeclined(still);
  if (followed) {
    return (
      <div className="map-hint follow" data-hue={followed.hue} role="status">
        <p>
          You see what <strong>{followed.name}</strong> sees.
        </p>
        <button type="button" className="button" onClick={() => session.follow(undefined)}>
          Stop
        </button>
      </div>
    );
  }
  if (!leader || away) return null;
  return (
    <div className="map-hint follow" data-hue={leader.hue} role="status">
      <p>
        <strong>{leader.name}</strong> asks you to follow.
      </p>
      <button type="button" className="button primary" onClick={() => session.follow(leader.conn)}>
        Follow
      </button>
      <button
        type="button"
        className="button quiet icon"
        aria-label={`Do not follow ${leader.name}`}
        onClick={() => setDeclined([...declined, leader.conn])}
      >
        <CloseIcon size={16} />
      </button>
    </div>
  );
}
