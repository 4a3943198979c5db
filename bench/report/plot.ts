import type { Contestant } from "../contestants.ts";
import type { Results } from "../results.ts";
import type { CellSummary } from "./summary.ts";
import { labelOf, summarize } from "./summary.ts";

const WIDTH = 860;
const LABELS = 190;
const VALUES = 120;
const BAR = 16;
const ROW = 24;
const GROUP_HEAD = 40;
const TOP = 58;

// Follows the reader's colour scheme, also inside an <img>.
const STYLE = `
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
  .title { font-size: 16px; font-weight: 600; }
  .quiet { fill: #59636e; }
  .group { font-weight: 600; }
  .bar { fill: #8c959f; }
  .ours { fill: #0969da; }
  .spread { stroke: #1f2328; stroke-width: 1.5; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .quiet { fill: #9198a1; }
    .bar { fill: #656c76; }
    .ours { fill: #4493f8; }
    .spread { stroke: #e6edf3; }
  }`;

/** Deliveries a second from one publisher, by room size: a bar for the median, a line from the least to the greatest run. */
export function drawPlot(results: Results, contestants: readonly Contestant[]): string {
  const measured = summarize(results.samples).filter(
    ({ cell, deliveriesPerSecond }) => cell.inFlight > 1 && cell.publishers === 1 && deliveriesPerSecond.runs > 0,
  );
  const groups = [...Map.groupBy(measured, ({ cell }) => cell.subscribers)];
  const most = Math.max(1, ...measured.map(({ deliveriesPerSecond }) => deliveriesPerSecond.max));
  let y = TOP;
  const parts = groups.flatMap(([subscribers, rows]) => {
    const head = `<text class="group" x="0" y="${y + 22}">${subscribers.toLocaleString("en-GB")} subscribers</text>`;
    y += GROUP_HEAD - 8;
    const bars = rows.map((row) => {
      const drawn = drawRow(row, labelOf(contestants, row.contestant), y, most);
      y += ROW;
      return drawn;
    });
    return [head, ...bars];
  });
  const title = "Deliveries a second, one publisher, 32 messages of 105 bytes in flight";
  const note =
    "Median of the runs; the line spans the least and the greatest. Roomcast and the stored tutorial room write to disk first.";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 12}" role="img" aria-label="${title}">
<style>${STYLE}
</style>
<text class="title" x="0" y="20">${title}</text>
<text class="quiet" x="0" y="42">${note}</text>
${parts.join("\n")}
</svg>
`;
}

function drawRow({ contestant, deliveriesPerSecond }: CellSummary, label: string, y: number, most: number): string {
  const { min, median, max } = deliveriesPerSecond;
  const scale = (value: number): number => Math.round((value / most) * (WIDTH - LABELS - VALUES) * 10) / 10;
  const ours = contestant === "feed" || contestant === "document";
  const middle = y + BAR / 2;
  const value = median >= 1e6 ? `${(median / 1e6).toFixed(2)} M` : `${Math.round(median / 1000)} k`;
  return [
    `<text x="${LABELS - 10}" y="${y + 13}" text-anchor="end">${label}</text>`,
    `<rect class="${ours ? "ours" : "bar"}" x="${LABELS}" y="${y}" width="${Math.max(1, scale(median))}" height="${BAR}" rx="2"/>`,
    `<line class="spread" x1="${LABELS + scale(min)}" x2="${LABELS + scale(max)}" y1="${middle}" y2="${middle}"/>`,
    `<text x="${LABELS + scale(max) + 8}" y="${y + 13}">${value}</text>`,
  ].join("");
}
