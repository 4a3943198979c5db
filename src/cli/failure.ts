/** Something the person at the terminal can mend: shown as one plain line, without a stack. */
export class Failure extends Error {
  override readonly name = "Failure";
}
