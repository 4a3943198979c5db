import { initials } from "../lib/names.ts";
import type { Person } from "../lib/people.ts";
import { label } from "../lib/pointer.ts";
import { MyName } from "../room/my-name.tsx";
import type { DocumentSession } from "./session.ts";
import { useMe, useMyHue, usePeople } from "./use-session.ts";

/** As many are shown one by one; the rest is a number. */
const SHOWN = 4;

/** Who has the document open. Each of them is a button that goes to where they are. */
export function People({ session }: { readonly session: DocumentSession }) {
  const people = usePeople(session);
  const me = useMe(session);
  const shown = people.slice(0, SHOWN);
  return (
    <div className="people">
      <ul aria-label="Others here">
        {shown.map((person) => (
          <li key={person.conn}>
            <Avatar person={person} session={session} />
          </li>
        ))}
        {people.length > SHOWN && (
          <li
            className="avatar more"
            title={people
              .slice(SHOWN)
              .map(({ name }) => name)
              .join(", ")}
          >
            +{people.length - SHOWN}
            <span className="visually-hidden">more</span>
          </li>
        )}
      </ul>
      <MyName
        me={me}
        hue={useMyHue(session)}
        rename={(next) => session.rename(next)}
        hint="Others see it beside what you edit. It stays in this browser."
      />
      <p className="visually-hidden" role="status">
        {people.length === 0 ? "Nobody else is here." : `${people.map(({ name }) => name).join(", ")} also here.`}
      </p>
    </div>
  );
}

function Avatar({ person, session }: { readonly person: Person; readonly session: DocumentSession }) {
  const { path } = person;
  const where = path === undefined ? "looking around" : `at ${label(path, session.handle.value)}`;
  return (
    <button
      type="button"
      className="avatar"
      data-hue={person.hue}
      title={`${person.name}, ${where}`}
      onClick={() => path !== undefined && session.reveal(path)}
    >
      <span aria-hidden="true">{initials(person.name)}</span>
      <span className="visually-hidden">
        {path === undefined ? `${person.name}, ${where}` : `Go to ${person.name}, ${where}`}
      </span>
    </button>
  );
}
