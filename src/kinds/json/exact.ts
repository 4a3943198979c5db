/** Whether a text may hold a number that JavaScript reads as another one: cheap, and true for some texts that do not. */
const SUSPECT = /\d{16}|\d[eE]\+?\d{3}/;

/** Strings, which are passed over, and numbers. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * The first number of a JSON text that JavaScript would store as another: an integer that a double cannot hold, or a number
 * beyond the largest. Undefined when there is none. Fractions are rounded as everywhere.
 */
export function inexactNumber(json: string): string | undefined {
  if (!SUSPECT.test(json)) return undefined;
  for (const [token] of json.matchAll(TOKEN)) {
    if (!token.startsWith('"') && !isExact(token)) return token;
  }
  return undefined;
}

/** What is wrong with such a number, and what to do. */
export function inexactMessage(number: string): string {
  const shown = number.length > 40 ? `${number.slice(0, 40)}…` : number;
  return `The number ${shown} would be stored as ${Number(number)}: send it as a string.`;
}

function isExact(token: string): boolean {
  const value = Number(token);
  if (!Number.isFinite(value)) return false;
  const integer = /^(-?\d+)(?:\.0+)?$/.exec(token)?.[1];
  // A double that was printed reads as itself, although it may not be the integer that its digits say.
  return integer === undefined || Number.isSafeInteger(value) || String(value) === integer || isSame(integer, value);
}

/** Of integers that are too long to be compared at all, none is a double: the largest has 309 digits. */
function isSame(integer: string, value: number): boolean {
  return integer.length <= 310 && BigInt(integer) === BigInt(value);
}
