import { useEffect, useMemo, useState } from "react";
import { Fault } from "../ui/fault.tsx";
import { useWork } from "../ui/use-work.ts";
import { type MeetingAnswer, MapApi } from "./api.ts";
import { coordinates, duration, metres } from "./geo.ts";
import { PinIcon, TargetIcon } from "./icons.tsx";
import { usePeople, useSession, useView } from "./use-map.ts";

/** A fair point for those who share their location, and how far each has it. */
export function MeetingSection() {
  const session = useSession();
  const people = usePeople(session);
  const { location, meeting } = useView(session);
  const api = useMemo(() => new MapApi(session.handle.id), [session]);
  const [answer, setAnswer] = useState<MeetingAnswer>();
  const { busy, error, run } = useWork();
  const sharing = people.filter((person) => person.location !== undefined).length + (location === undefined ? 0 : 1);

  useEffect(() => () => session.meet(undefined), [session]);

  const find = () =>
    run(async () => {
      const found = await api.meeting();
      setAnswer(found);
      const ways = found.people.map(({ name, line }) => ({ name: name ?? "Somebody", line: line.coordinates }));
      session.meet({ at: found.point, ways });
      session.camera?.show([[found.point], ...ways.map(({ line }) => line)], 12);
    });

  return (
    <section className="meeting" aria-label="Meeting point">
      <h2>Meeting point</h2>
      {sharing < 2 ? (
        <p className="hint">
          Needs two people who share their location; {sharing === 0 ? "nobody does yet." : "one does so far."}
        </p>
      ) : (
        <button type="button" className="button" disabled={busy} onClick={() => void find()}>
          <TargetIcon size={16} />
          {meeting ? "Find it again" : `Find one for ${sharing} people`}
        </button>
      )}
      <Fault text={error} />
      {answer && meeting && (
        <>
          <p className="meeting-how">
            {answer.by === "road"
              ? "By road: who takes longest takes as little as can be."
              : "As the crow flies (great circles), not by road."}
            {answer.note !== undefined && <span> {answer.note}</span>}
          </p>
          <p className="hint">{coordinates(answer.point)}</p>
          <ul className="ways">
            {answer.people.map((person) => (
              <li key={person.conn}>
                <span>{person.name ?? "Somebody"}</span>
                <span>
                  {metres(person.distance)}
                  {person.duration !== undefined && ` · ${duration(person.duration)}`}
                </span>
              </li>
            ))}
          </ul>
          <div className="editor-actions">
            {session.mayWrite && (
              <button
                type="button"
                className="button"
                onClick={() => session.addPin(answer.point, { title: "Meeting point", icon: "flag" })}
              >
                <PinIcon size={16} />
                Pin it
              </button>
            )}
            <button
              type="button"
              className="button quiet"
              onClick={() => {
                session.meet(undefined);
                setAnswer(undefined);
              }}
            >
              Clear
            </button>
          </div>
        </>
      )}
    </section>
  );
}
