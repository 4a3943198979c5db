import { type FormEvent, useId, useState } from "react";
import { Fault } from "../ui/fault.tsx";
import { useWork } from "../ui/use-work.ts";
import type { SavedApi } from "./api.ts";
import type { SavedWords } from "./options.ts";

interface Props {
  readonly api: SavedApi;
  readonly words: SavedWords;
  readonly saved: () => void;
}

/** Saves the room as it is now, under a name. */
export function SaveForm({ api, words, saved }: Props) {
  const [name, setName] = useState("");
  const { busy, error, run } = useWork();
  const id = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      await api.save(name.trim());
      setName("");
      saved();
    });
  };
  return (
    <form className="save-version" onSubmit={submit}>
      <label htmlFor={id}>Save the {words.room} as it is now</label>
      <div>
        <input
          id={id}
          className="input"
          placeholder={`name, such as ${words.example}`}
          maxLength={64}
          value={name}
          aria-invalid={error !== undefined}
          aria-describedby={error === undefined ? undefined : `${id}-error`}
          onChange={(event) => setName(event.target.value)}
        />
        <button type="submit" className="button primary" disabled={busy || name.trim() === ""}>
          Save
        </button>
      </div>
      <Fault id={`${id}-error`} text={error} />
    </form>
  );
}
