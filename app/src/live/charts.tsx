import { useMemo } from "react";
import type { Loaded, Range } from "./history.ts";
import { RANGE_WORDS } from "./history.ts";
import { SafeChart } from "./safe-chart.tsx";
import type { Series, View } from "./window.ts";

interface Props {
  readonly view: View;
  readonly range: Range | undefined;
  readonly history: Loaded;
}

/** Events and visitors over time: of the last minutes, or of a longer range. */
export function Charts({ view, range, history }: Props) {
  if (range === undefined) return <LiveCharts view={view} />;
  switch (history.phase) {
    case "loading":
      return <WaitingCharts />;
    case "failed":
      return (
        <section className="panel charts-failed" role="alert">
          <p>
            <strong>The history could not be loaded.</strong> {history.message}
          </p>
          <button type="button" className="button" onClick={history.again}>
            Try again
          </button>
        </section>
      );
    case "done": {
      const { times, events, visitors, total, step } = history.history;
      const span = RANGE_WORDS[range];
      const day = range !== "1h";
      return (
        <>
          <Panel title="Events" figure={count(total)} span={span}>
            <SafeChart
              label={`Events each ${step} ${span}: ${count(total)} in all, ${count(Math.max(0, ...events))} at most.`}
              times={times}
              values={events}
              kind="bars"
              colour="--accent"
              unit={`a ${step}`}
              when={(seconds) => moment(seconds, day)}
            />
          </Panel>
          <Panel title="Visitors" figure={count(Math.max(0, ...visitors))} span={`at most in one ${step}`}>
            <SafeChart
              label={`Visitors each ${step} ${span}: ${count(Math.max(0, ...visitors))} at most.`}
              times={times}
              values={visitors}
              kind="bars"
              colour="--syntax-word"
              unit="visitors"
              when={(seconds) => moment(seconds, day)}
            />
          </Panel>
        </>
      );
    }
  }
}

function LiveCharts({ view }: { readonly view: View }) {
  const { series, rate, visitorsNow } = view;
  const { times, events, visitors } = useMemo(() => sinceFirst(series), [series]);
  const shown = rate >= 10 ? count(Math.round(rate)) : rate.toFixed(1);
  return (
    <>
      <Panel title="Events a second" figure={shown} span="over the last 10 seconds">
        <SafeChart
          label={`Events a second in the last 5 minutes: now ${shown}, ${count(Math.max(0, ...events))} at most.`}
          times={times}
          values={events}
          kind="area"
          colour="--accent"
          unit="events"
          when={(seconds) => moment(seconds, false, true)}
        />
      </Panel>
      <Panel title="Visitors now" figure={count(visitorsNow)} span="seen in the last 5 minutes">
        <SafeChart
          label={`Visitors in the last 5 minutes: now ${count(visitorsNow)}.`}
          times={times}
          values={visitors}
          kind="area"
          colour="--syntax-word"
          unit="visitors"
          when={(seconds) => moment(seconds, false, true)}
        />
      </Panel>
    </>
  );
}

/** A stream that has just begun fills its charts rather than a corner of them: a minute at least, five at most. */
function sinceFirst({ times, events, visitors }: Series): Series {
  const first = events.findIndex((count) => count > 0);
  const begin = Math.min(first === -1 ? Infinity : Math.max(0, first - 2), times.length - MINUTE);
  return { times: times.slice(begin), events: events.slice(begin), visitors: visitors.slice(begin) };
}

const MINUTE = 60;

interface PanelProps {
  readonly title: string;
  readonly figure: string;
  readonly span: string;
  readonly children: React.ReactNode;
}

function Panel({ title, figure, span, children }: PanelProps) {
  return (
    <section className="panel chart-panel" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <p>
          <strong data-testid={title}>{figure}</strong> <span>{span}</span>
        </p>
      </header>
      {children}
    </section>
  );
}

/** Stand where the charts will be. */
export function WaitingCharts() {
  return (
    <>
      <Waiting title="Events" />
      <Waiting title="Visitors" />
    </>
  );
}

function Waiting({ title }: { readonly title: string }) {
  return (
    <section className="panel chart-panel" aria-label={title} aria-busy="true">
      <header>
        <h2>{title}</h2>
        <p>
          <strong>–</strong> <span role="status">loading</span>
        </p>
      </header>
      <div className="chart-waiting" aria-hidden="true" />
    </section>
  );
}

function count(value: number): string {
  return value.toLocaleString("en");
}

function moment(seconds: number, day: boolean, exact = false): string {
  return new Intl.DateTimeFormat("en-GB", {
    ...(day && { weekday: "short", day: "numeric", month: "short" }),
    hour: "2-digit",
    minute: "2-digit",
    ...(exact && { second: "2-digit" }),
  }).format(seconds * 1000);
}
