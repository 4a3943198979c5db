import * as v from "valibot";
import { INITIAL } from "../../kinds/map/fold.ts";
import { Refusal, refuse } from "../../protocol/refusal.ts";
import { admit } from "../admission.ts";
import { jsonText, refusalOf, type Answer } from "../answers.ts";
import { expectJson, readJson } from "../body.ts";
import { isPageView } from "../chat.ts";
import type { EdgeOptions } from "../options.ts";
import { extend, type Resource, type Visit } from "../resource.ts";
import { decodeRoomId } from "../room-id.ts";
import { ROOM } from "../rooms.ts";
import { openSocket } from "../sockets.ts";
import { exportGeoJson, exportGpx, getMap, getSession, importFile } from "./exchange.ts";
import { getMeeting, postMeeting } from "./meeting.ts";
import type { RoutingServer } from "./routing.ts";

/** The one-pin wire format, which existing clients of maps speak. */
const MAP_PIN = "map-pin";

/** The map of those who name none. */
export const DEFAULT_MAP = "default-map";

/** A map's state when it holds nothing. */
export const BLANK_MAP = JSON.stringify(INITIAL);

/** `/api/map`, by the one-pin wire format. */
export const PIN: Resource = {
  path: "",
  socket: true,
  methods: { GET: { needs: "read", run: (visit) => openSocket(visit, MAP_PIN) } },
};

/** What a map has: all that a room has, and its own. */
export function mapResources<Env>(options: EdgeOptions<Env>): readonly Resource[] {
  const routing = ({ env }: Visit): RoutingServer | undefined => {
    const server = options.routing?.(env as Env);
    if (server === undefined || server === "") return undefined;
    return typeof server === "string" ? { url: server } : server;
  };

  const duplicate = async (visit: Visit): Promise<Answer> => {
    const unfit = expectJson(visit.request);
    if (unfit !== undefined) return unfit;
    const body = await readJson(visit.request, visit.bodyBytes);
    if (body instanceof Refusal) return body;
    const asked = v.safeParse(v.strictObject({ to: v.string() }), body.value);
    if (!asked.success) return refuse("bad_message", 'The body is {"to": "<id of a new map>"}.');
    const { to } = asked.output;
    const id = to.isWellFormed() ? decodeRoomId(encodeURIComponent(to)) : refuse("bad_room_id", "An id is Unicode.");
    if (id instanceof Refusal) return id;
    // Who may read this map need not be let into the other.
    const env = visit.env as Env;
    const admission = await admit(options, { request: visit.request, kind: visit.kind, id, env });
    if (admission instanceof Refusal) return admission;
    const target = options.maps?.(env).getByName(id);
    if (target === undefined) return refuse("not_found", "There are no maps here.");
    const { text } = await visit.room.readText();
    const outcome = await target.becomeCopy(text, admission);
    return outcome.ok ? jsonText(JSON.stringify({ id, version: outcome.version }), 201) : refusalOf(outcome);
  };

  return extend(ROOM, [
    { path: "", passes: isPageView, methods: { GET: { needs: "read", run: getMap } } },
    { path: "/ws", socket: true, methods: { GET: { needs: "read", run: (visit) => openSocket(visit, MAP_PIN) } } },
    { path: "/versions/:name", methods: { GET: { needs: "read", run: getSession } } },
    { path: "/export.geojson", methods: { GET: { needs: "read", run: exportGeoJson } } },
    { path: "/export.gpx", methods: { GET: { needs: "read", run: exportGpx } } },
    { path: "/import", methods: { POST: { needs: "write", run: importFile } } },
    {
      path: "/meeting",
      methods: {
        GET: { needs: "read", run: (visit) => getMeeting(visit, routing(visit)) },
        POST: { needs: "read", run: (visit) => postMeeting(visit, routing(visit)) },
      },
    },
    { path: "/duplicate", methods: { POST: { needs: "read", run: duplicate } } },
  ]);
}
