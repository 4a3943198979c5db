import "uplot/dist/uPlot.min.css";
import { useEffect, useMemo, useRef } from "react";
import uPlot from "uplot";
import { niceTop, short, TICK_SPACE, TICK_STEPS } from "./ticks.ts";

export interface ChartProps {
  /** What it shows, in a sentence with the figures that matter: all that somebody who does not see it gets. */
  readonly label: string;
  /** Seconds since 1970, rising. */
  readonly times: readonly number[];
  readonly values: readonly number[];
  /** A line over a filled area, or a bar for each value. */
  readonly kind: "area" | "bars";
  /** A custom property with the colour, such as `--accent`. */
  readonly colour: string;
  /** A moment under the pointer in words. */
  readonly when: (seconds: number) => string;
  readonly unit: string;
}

const HEIGHT = 168;

/** A series over time. Redraws in place: new values cost a drawing, not a new chart. */
export function Chart({ label, times, values, kind, colour, when, unit }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const readout = useRef<HTMLParagraphElement>(null);
  const chart = useRef<uPlot>(undefined);
  const words = useRef({ when, unit });
  const data = useMemo<uPlot.AlignedData>(() => [[...times], [...values]], [times, values]);
  const latest = useRef(data);

  useEffect(() => {
    words.current = { when, unit };
    latest.current = data;
  }, [when, unit, data]);

  useEffect(() => {
    const { current: element } = box;
    if (element === null) return undefined;
    const say = (made: uPlot): void => {
      const { idx } = made.cursor;
      const time = idx === null || idx === undefined ? undefined : made.data[0][idx];
      const value = idx === null || idx === undefined ? undefined : made.data[1]?.[idx];
      if (readout.current === null) return;
      const { current } = words;
      readout.current.textContent =
        time === undefined || typeof value !== "number"
          ? ""
          : `${current.when(time)} · ${value.toLocaleString("en")} ${current.unit}`;
    };
    const draw = (): void => {
      chart.current?.destroy();
      chart.current = new uPlot(options(element, kind, colour, say), latest.current, element);
    };
    draw();
    const sized = new ResizeObserver(() => chart.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    sized.observe(element);
    // Its colours are read when it is made.
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", draw);
    return () => {
      scheme.removeEventListener("change", draw);
      sized.disconnect();
      chart.current?.destroy();
      chart.current = undefined;
    };
  }, [kind, colour]);

  useEffect(() => chart.current?.setData(data), [data]);

  return (
    <div className="chart">
      <div ref={box} role="img" aria-label={label} className="chart-canvas" style={{ blockSize: HEIGHT }} />
      <p ref={readout} className="chart-readout" aria-hidden="true" />
    </div>
  );
}

function options(
  element: HTMLElement,
  kind: ChartProps["kind"],
  colour: string,
  say: (chart: uPlot) => void,
): uPlot.Options {
  const own = resolved(element, `var(${colour})`);
  const ink = resolved(element, "var(--ink-3)");
  const line = resolved(element, "var(--line)");
  const font = `11px ${getComputedStyle(element).fontFamily}`;
  const axis = { stroke: ink, font, ticks: { show: false } };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [8, 26, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    hooks: { setCursor: [say], setData: [say] },
    scales: {
      // A bar is as wide as its step, and begins at its time.
      x: { range: ({ data }, min, max) => [min, kind === "bars" ? max + stepOf(data[0]) : max] },
      y: { range: (_, __, max) => [0, niceTop(max)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 60,
        size: 24,
        values: (_, splits, __, ___, step) => timeTicks(splits, step),
      },
      {
        ...axis,
        grid: { stroke: line, width: 1 },
        size: 40,
        space: TICK_SPACE,
        incrs: [...TICK_STEPS],
        values: (_, splits) => splits.map(short),
      },
    ],
    series: [
      {},
      {
        stroke: own,
        width: kind === "area" ? 1.75 : 0,
        fill: kind === "area" ? faded(own) : own,
        points: { show: false },
        ...(kind === "bars" &&
          uPlot.paths.bars && { paths: uPlot.paths.bars({ size: [0.72, 28], radius: 0.15, align: 1 }) }),
      },
    ],
  };
}

function stepOf(times: ArrayLike<number>): number {
  return (times[1] ?? 0) - (times[0] ?? 0);
}

const DAY = 86_400;

/** `step`: seconds between two. */
function timeTicks(splits: readonly number[], step: number): string[] {
  const format = new Intl.DateTimeFormat(
    "en-GB",
    step >= DAY / 2
      ? { weekday: "short", day: "numeric" }
      : { hour: "2-digit", minute: "2-digit", ...(step < 60 && { second: "2-digit" }) },
  );
  return splits.map((seconds) => format.format(seconds * 1000));
}

/** A colour of the page as the canvas takes it, which knows no custom properties. */
function resolved(element: HTMLElement, value: string): string {
  const probe = document.createElement("span");
  probe.style.color = value;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function faded(colour: string): string {
  return colour.endsWith(")") ? colour.replace(/( \/ [^)]*)?\)$/, " / 0.14)").replace("rgb(", "rgba(") : colour;
}
