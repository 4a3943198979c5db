/** The least distance between two labels of the axis of values, in pixels. */
export const TICK_SPACE = 36;

/** Between the labels of the axis of values: 1, 2, 5, 10 and so on. */
export const TICK_STEPS: readonly number[] = Array.from({ length: 13 }, (_, power) =>
  [1, 2, 5].map((digit) => digit * 10 ** power),
).flat();

/** Where the axis ends: a little above the greatest value. */
export function niceTop(max: number | null): number {
  const most = max ?? 0;
  if (most <= 4) return 4;
  const step = 10 ** Math.floor(Math.log10(most)) / 2;
  return Math.ceil((most * 1.05) / step) * step;
}

/** A value in few letters. */
export function short(value: number): string {
  if (value >= 1e9) return `${value / 1e9}G`;
  if (value >= 1e6) return `${value / 1e6}M`;
  return value >= 1e4 ? `${value / 1e3}k` : String(value);
}
