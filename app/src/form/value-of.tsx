import { JSON_TYPES, type Json, type JsonType, convert, typeOf } from "../lib/json.ts";
import { TextValue } from "./text-value.tsx";
import type { Contested } from "./use-draft.ts";

interface Props {
  readonly value: Json;
  /** What the field is called, for those who cannot see what stands beside it. */
  readonly name: string;
  readonly readOnly: boolean;
  readonly put: (value: Json) => Promise<boolean>;
}

interface ValueProps extends Props {
  readonly edit: (value: Json, base: Json) => Promise<boolean | Contested>;
  readonly lost: (value: string | number) => void;
}

/** The value of a field that holds no others, edited in place. */
export function ValueOf({ value, name, readOnly, put, edit, lost }: ValueProps) {
  if (typeof value === "string" || typeof value === "number") {
    return <TextValue key={typeof value} value={value} name={name} readOnly={readOnly} send={edit} lost={lost} />;
  }
  if (typeof value === "boolean") {
    return (
      <div className="value">
        <button
          type="button"
          role="switch"
          className="toggle"
          aria-checked={value}
          aria-label={name}
          disabled={readOnly}
          data-nav="value"
          onClick={() => void put(!value)}
        >
          <span className="track" aria-hidden="true" />
          <span className="word" aria-hidden="true">
            {String(value)}
          </span>
        </button>
      </div>
    );
  }
  return <div className="value null mono">null</div>;
}

export function TypeChoice({ value, name, readOnly, put }: Props) {
  return (
    <select
      className="type"
      aria-label={`Type of ${name}`}
      value={typeOf(value)}
      disabled={readOnly}
      onChange={(event) => void put(convert(value, event.target.value as JsonType))}
    >
      {JSON_TYPES.map((option) => (
        <option key={option}>{option}</option>
      ))}
    </select>
  );
}
