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
