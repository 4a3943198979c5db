import { HUES } from "./people.ts";

/** The page's people colours for those who see them elsewhere, `#rrggbb` each; by number, as in `styles/tokens.css`. */
const COLORS = ["#3772bb", "#b14e49", "#298646", "#835bae", "#a75c00", "#00878f", "#a54f83", "#707900"] as const;

export function hueToColor(hue: number): string {
  return COLORS[hue] ?? COLORS[0];
}

/**
 * The page's colour that is nearest to one of somebody's own: those stay readable on both themes, which any colour
 * would not. Without one, or for a grey, one that the name stands for.
 */
export function colorToHue(color: string | undefined, name: string): number {
  const angle = color === undefined ? undefined : angleOf(color);
  if (angle === undefined) return hash(name) % HUES;
  let best = 0;
  let least = 360;
  for (const [hue, own] of COLORS.entries()) {
    const apart = Math.abs((angleOf(own) ?? 0) - angle);
    const distance = Math.min(apart, 360 - apart);
    if (distance < least) [best, least] = [hue, distance];
  }
  return best;
}

/** Degrees on the colour wheel; undefined for what is grey, or no colour. */
function angleOf(color: string): number | undefined {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  if (match === null) return undefined;
  const [r = 0, g = 0, b = 0] = match.slice(1).map((part) => Number.parseInt(part, 16));
  const most = Math.max(r, g, b);
  const span = most - Math.min(r, g, b);
  if (span < 16) return undefined;
  const sixth = most === r ? (g - b) / span : most === g ? (b - r) / span + 2 : (r - g) / span + 4;
  return (sixth * 60 + 360) % 360;
}

function hash(text: string): number {
  let sum = 0;
  for (const unit of text) sum = (sum * 31 + (unit.codePointAt(0) ?? 0)) >>> 0;
  return sum;
}

export interface Coloured {
  /** The same in all windows of one person. */
  readonly person: string;
  /** The colour that they chose. */
  readonly hue: number;
}

/**
 * A colour for each person in a room, by `person`: no two share one while there are at most as many people as colours.
 * Everybody in the room computes the same colours, whatever the order of `people`. A chosen colour goes to one of those
 * who chose it; the others get the colours that are left.
 */
export function distinctHues(people: readonly Coloured[]): ReadonlyMap<string, number> {
  const chosen = new Map<string, number>();
  // Windows of one person may differ for a moment while a new colour is on its way: the lowest counts.
  for (const { person, hue } of people) chosen.set(person, Math.min(hue, chosen.get(person) ?? hue));
  const order = [...chosen].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const hues = new Map<string, number>();
  const uses = Array<number>(HUES).fill(0);
  for (const [person, hue] of order) if (uses[hue] === 0) give(person, hue);
  for (const [person, hue] of order) {
    if (hues.has(person)) continue;
    const least = Math.min(...uses);
    const next = Array.from(uses, (_, step) => (hue + step) % HUES).find((each) => uses[each] === least);
    give(person, next ?? hue);
  }
  return hues;

  function give(person: string, hue: number): void {
    hues.set(person, hue);
    uses[hue] = (uses[hue] ?? 0) + 1;
  }
}
