import { useId, useState } from "react";
import type { Feature, LngLat } from "roomcast";
import { isComposing } from "../lib/composing.ts";
import { ago, plural } from "../lib/format.ts";
import { useNow } from "../room/use-live.ts";
import { TrashIcon } from "../ui/icons.tsx";
import { positionsOf, sortOf } from "./geo.ts";
import { DrawOnIcon, MarkIcon, TargetIcon } from "./icons.tsx";
import { COLORS, colorOf, iconOf } from "./marks.ts";
import { ICONS } from "../../../src/kinds/map/types.ts";
import { MetadataSection } from "./metadata-section.tsx";
import { TextField } from "./text-field.tsx";
import { useSession } from "./use-map.ts";

interface Props {
  readonly id: string;
  readonly feature: Feature;
  readonly remove: () => void;
}

/** All that can be said of one feature. What is typed is sent when the typing pauses. */
export function FeatureEditor({ id, feature, remove }: Props) {
  const session = useSession();
  const domId = useId();
  const { geometry } = feature;
  const readOnly = !session.mayWrite;
  return (
    <div className="feature-editor">
      <TextField
        label="Title"
        value={feature.title ?? ""}
        most={200}
        readOnly={readOnly}
        placeholder={`Name this ${sortOf(geometry).toLowerCase()}`}
        takeFocus={() => session.takeNaming(id)}
        save={(title) => session.edit(id, { title: title === "" ? null : title })}
      />
      <TextField
        label="Note"
        value={feature.note ?? ""}
        most={4000}
        long
        readOnly={readOnly}
        placeholder="What should the others know?"
        save={(note) => session.edit(id, { note: note === "" ? null : note })}
      />
      {geometry.type === "Point" && (
        <Place key={id} at={geometry.coordinates} readOnly={readOnly} move={(at) => session.move(id, 0, at)} />
      )}
      <fieldset className="swatches" disabled={readOnly}>
        <legend>Colour</legend>
        {COLORS.map(({ name, value }) => (
          <label key={value} title={name} style={{ "--mark": value } as React.CSSProperties}>
            <input
              type="radio"
              name={`${domId}-color`}
              aria-label={name}
              checked={colorOf(feature.color) === value}
              onChange={() => session.change(id, { color: value })}
            />
            <span aria-hidden="true" />
          </label>
        ))}
      </fieldset>
      {geometry.type === "Point" && (
        <fieldset className="swatches icons" disabled={readOnly}>
          <legend>Icon</legend>
          {ICONS.map((name) => (
            <label key={name} title={name}>
              <input
                type="radio"
                name={`${domId}-icon`}
                aria-label={name}
                checked={iconOf(feature.icon) === name}
                onChange={() => session.change(id, { icon: name })}
              />
              <span aria-hidden="true">
                <MarkIcon name={name} size={17} />
              </span>
            </label>
          ))}
        </fieldset>
      )}
      <MetadataSection id={id} feature={feature} />
      <div className="editor-actions">
        {session.camera && (
          <button type="button" className="button" onClick={() => session.camera?.show([positionsOf(geometry)], 13)}>
            <TargetIcon size={16} />
            Zoom to
          </button>
        )}
        {geometry.type === "LineString" && session.camera && !readOnly && (
          <button type="button" className="button" onClick={() => session.goOn(id)}>
            <DrawOnIcon size={16} />
            Go on drawing
          </button>
        )}
        {!readOnly && (
          <button type="button" className="button danger" onClick={remove}>
            <TrashIcon size={16} />
            Delete
          </button>
        )}
      </div>
      <Origin feature={feature} />
    </div>
  );
}

function Origin({ feature: { made, changed, geometry } }: { readonly feature: Feature }) {
  const now = useNow(30_000);
  const points = geometry.type === "Point" ? "" : `${plural(positionsOf(geometry).length, "point")} · `;
  const by = (name: string | undefined) => (name === undefined ? "" : ` by ${name}`);
  return (
    <p className="hint">
      {points}
      {made.name === undefined ? "Made" : `${made.name},`} {ago(made.at, now)}
      {changed && changed.at - made.at > 60_000 && `, changed ${ago(changed.at, now)}${by(changed.name)}`}
    </p>
  );
}

interface PlaceProps {
  readonly at: LngLat;
  readonly readOnly: boolean;
  readonly move: (at: LngLat) => void;
}

/** A pin's place in numbers: the way to move it without a map. */
function Place({ at: [lng, lat], readOnly, move }: PlaceProps) {
  return (
    <div className="place-fields">
      <Degrees label="Latitude" value={lat} most={90} readOnly={readOnly} save={(next) => move([lng, next])} />
      <Degrees label="Longitude" value={lng} most={180} readOnly={readOnly} save={(next) => move([next, lat])} />
    </div>
  );
}

interface DegreesProps {
  readonly label: string;
  readonly value: number;
  readonly most: number;
  readonly readOnly: boolean;
  readonly save: (value: number) => void;
}

export function Degrees({ label, value, most, readOnly, save }: DegreesProps) {
  const id = useId();
  const [draft, setDraft] = useState<string>();
  const number = Number(draft?.replace(",", ".").trim());
  const wrong = draft !== undefined && (draft.trim() === "" || !(Math.abs(number) <= most));
  const commit = () => {
    if (draft !== undefined && !wrong && number !== value) save(number);
    setDraft(undefined);
  };
  return (
    <div className="text-field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input"
        inputMode="decimal"
        autoComplete="off"
        value={draft ?? String(value)}
        readOnly={readOnly}
        aria-invalid={wrong}
        aria-describedby={wrong ? `${id}-wrong` : undefined}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => event.key === "Enter" && !isComposing(event) && commit()}
      />
      {wrong && (
        <p className="field-error" id={`${id}-wrong`}>
          From −{most} to {most}.
        </p>
      )}
    </div>
  );
}
