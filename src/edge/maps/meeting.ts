import * as v from "valibot";
import { distance } from "../../kinds/map/geo.ts";
import { meetingPoint, wayTo } from "../../kinds/map/meeting.ts";
import { positionFault } from "../../kinds/map/geometry.ts";
import type { LngLat } from "../../kinds/map/types.ts";
import { Refusal, refuse } from "../../protocol/refusal.ts";
import { jsonText, type Answer } from "../answers.ts";
import { expectJson, readJson } from "../body.ts";
import type { Visit } from "../resource.ts";
import { meetByRoad, type RoutingServer } from "./routing.ts";

/** By road for so many people; a table of more is more than a routing server should be asked for. */
const BY_ROAD = 20;
/** Places between the fair point and those who are furthest from it, which roads may serve better. */
const OTHERS = 6;

interface Person {
  readonly conn: string;
  readonly by: string;
  readonly name?: string;
  readonly location: LngLat;
}

const Asked = v.strictObject({ people: v.pipe(v.array(v.string()), v.maxLength(1_000)) });

/** Where those who share their location meet: everybody, or of `{"people": [<connection id>, ...]}` those. */
export async function getMeeting(visit: Visit, routing: RoutingServer | undefined): Promise<Answer> {
  return meet(await peopleOf(visit), routing);
}

export async function postMeeting(visit: Visit, routing: RoutingServer | undefined): Promise<Answer> {
  const unfit = expectJson(visit.request);
  if (unfit !== undefined) return unfit;
  const body = await readJson(visit.request, visit.bodyBytes);
  if (body instanceof Refusal) return body;
  const asked = v.safeParse(Asked, body.value);
  if (!asked.success) return refuse("bad_message", 'The body is {"people": ["<connection id>", ...]}.');
  const chosen = new Set(asked.output.people);
  return meet(
    (await peopleOf(visit)).filter(({ conn }) => chosen.has(conn)),
    routing,
  );
}

async function peopleOf({ room }: Visit): Promise<readonly Person[]> {
  return Object.entries(await room.roster()).flatMap(([conn, { by, user, data }]): readonly Person[] => {
    const { location, name } = data as { readonly location?: unknown; readonly name?: unknown };
    if (typeof location !== "object" || location === null) return [];
    const { lng, lat } = location as { readonly lng?: unknown; readonly lat?: unknown };
    if (positionFault([lng, lat]) !== undefined) return [];
    const called = user?.name ?? (typeof name === "string" ? name : undefined);
    return [{ conn, by, ...(called === undefined ? {} : { name: called }), location: [lng, lat] as unknown as LngLat }];
  });
}

async function meet(people: readonly Person[], routing: RoutingServer | undefined): Promise<Answer> {
  const places = people.map(({ location }) => location);
  const fair = meetingPoint(places);
  if (fair === undefined) return refuse("conflict", "Nobody of them shares a location.");
  if (routing === undefined) return answerOf(byAir(people, fair));
  if (people.length > BY_ROAD) {
    return answerOf({ ...byAir(people, fair), note: `Ways by road are for ${BY_ROAD} people at most.` });
  }
  try {
    const { point, ways } = await meetByRoad(routing, places, candidates(places, fair));
    return answerOf({
      by: "road",
      point,
      people: people.map((person, index) => ({ ...person, ...wayOf(ways[index]) })),
    });
  } catch (error) {
    const note = error instanceof Error ? error.message : "The routing server failed.";
    return answerOf({ ...byAir(people, fair), note });
  }
}

function byAir(people: readonly Person[], point: LngLat): object {
  return {
    by: "great-circle",
    point,
    people: people.map((person) => ({
      ...person,
      distance: Math.round(distance(person.location, point)),
      line: { type: "LineString", coordinates: wayTo(person.location, point) },
    })),
  };
}

/** The fair point as the crow flies, and places on the way to those who have it furthest. */
function candidates(places: readonly LngLat[], fair: LngLat): readonly LngLat[] {
  const furthest = places.toSorted((a, b) => distance(b, fair) - distance(a, fair)).slice(0, OTHERS);
  const between = furthest.map((place) => meetingPoint([place, fair])).filter((place) => place !== undefined);
  return [fair, ...between];
}

function wayOf(
  way: { readonly distance: number; readonly duration: number; readonly line: readonly LngLat[] } | undefined,
): object {
  if (way === undefined) return {};
  const { distance: metres, duration, line } = way;
  return {
    distance: Math.round(metres),
    duration: Math.round(duration),
    line: { type: "LineString", coordinates: line },
  };
}

function answerOf(meeting: object): Answer {
  return jsonText(JSON.stringify(meeting), 200, { "cache-control": "no-store" });
}
