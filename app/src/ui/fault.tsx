interface Props {
  readonly id?: string;
  readonly text: string | undefined;
}

/** What went wrong, beside what it was about; nothing while nothing has. */
export function Fault({ id, text }: Props) {
  return text === undefined ? null : (
    <p className="field-error" id={id} role="alert">
      {text}
    </p>
  );
}
