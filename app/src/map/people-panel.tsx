import { initials } from "../lib/names.ts";
import { distance, metres } from "./geo.ts";
import { FollowIcon, TargetIcon } from "./icons.tsx";
import { MeetingSection } from "./meeting-section.tsx";
import type { MapPerson } from "./people.ts";
import type { LocationSharing } from "./use-location.ts";
import { usePeople, useSession, useView } from "./use-map.ts";

/** Who is here, where they are, and where all could meet. */
export function PeoplePanel({ sharing }: { readonly sharing: LocationSharing }) {
  const session = useSession();
  const people = usePeople(session);
  const { me, location, leads } = useView(session);
  return (
    <>
      <section className="my-location" aria-label="Your location">
        <h2>Your location</h2>
        {sharing.sharing === "off" ? (
          <>
            <p className="hint">Only if you share it, and only while you are here. It is never stored.</p>
            <div className="editor-actions">
              <button type="button" className="button primary" onClick={sharing.start}>
                <TargetIcon size={16} />
                Share my location
              </button>
              {session.camera && (
                <button type="button" className="button" onClick={sharing.place}>
                  I am at the map’s middle
                </button>
              )}
            </div>
          </>
        ) : (
          <>
            <p className="sharing">
              <span className="pulse" aria-hidden="true" />
              {location === undefined
                ? "Finding where you are…"
                : sharing.sharing === "device"
                  ? `Everybody here sees where you are${location.accuracy === undefined ? "" : `, to about ${metres(location.accuracy)}`}.`
                  : "Everybody here sees you where you put yourself."}
            </p>
            <div className="editor-actions">
              <button type="button" className="button" onClick={sharing.stop}>
                Stop sharing
              </button>
              {sharing.sharing === "hand" && (
                <button type="button" className="button" onClick={sharing.place}>
                  Move me to the middle
                </button>
              )}
            </div>
          </>
        )}
      </section>
      <section aria-label="Others here">
        <div className="list-head">
          <h2>
            {people.length === 0
              ? "Nobody else is here"
              : `${people.length} other${people.length === 1 ? "" : "s"} here`}
          </h2>
          {people.length > 0 && session.camera && (
            <button
              type="button"
              className="button"
              aria-pressed={leads}
              title="Asks the others to see what you see"
              onClick={() => session.lead(!leads)}
            >
              <FollowIcon size={16} />
              Follow me
            </button>
          )}
        </div>
        {people.length === 0 && <p className="hint">Copy the link and send it to somebody.</p>}
        <ul className="map-people">
          {people.map((person) => (
            <PersonRow key={person.conn} person={person} others={people} myName={me.name} />
          ))}
        </ul>
      </section>
      <MeetingSection />
    </>
  );
}

interface RowProps {
  readonly person: MapPerson;
  readonly others: readonly MapPerson[];
  readonly myName: string;
}

function PersonRow({ person, others }: RowProps) {
  const session = useSession();
  const { following, location } = useView(session);
  const { conn, name, hue } = person;
  const follows = following === conn;
  const leader = others.find((other) => other.conn === person.following)?.name;
  const far =
    person.location && location
      ? `${metres(distance([location.lng, location.lat], [person.location.lng, person.location.lat]))} from you`
      : person.location && "shares a location";
  const words = [far, person.following === undefined ? undefined : `follows ${leader ?? "you"}`]
    .filter(Boolean)
    .join(" · ");
  const { location: there, viewport } = person;
  return (
    <li>
      <span className="avatar" data-hue={hue} aria-hidden="true">
        {initials(name)}
      </span>
      <span className="feature-words">
        <strong>{name}</strong>
        <span>{words === "" ? "is looking around" : words}</span>
      </span>
      {there && session.camera && (
        <button
          type="button"
          className="row-action"
          aria-label={`Go to ${name}`}
          title="Go there"
          onClick={() => session.camera?.show([[[there.lng, there.lat]]], 12)}
        >
          <TargetIcon />
        </button>
      )}
      {session.camera && (viewport ?? there) && (
        <button
          type="button"
          className="button"
          aria-pressed={follows}
          aria-label={follows ? `Stop following ${name}` : `Follow ${name}`}
          onClick={() => session.follow(follows ? undefined : conn)}
        >
          {follows ? "Following" : "Follow"}
        </button>
      )}
    </li>
  );
}
