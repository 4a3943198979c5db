import { lazy, Suspense, useState } from "react";
import { Boundary } from "../ui/boundary.tsx";
import type { ChartProps } from "./chart.tsx";

const lazyChart = () => lazy(async () => ({ default: (await import("./chart.tsx")).Chart }));

/** A chart that may fail, to load or to draw, without the page around it. */
export function SafeChart(props: ChartProps) {
  // A lazy component keeps its failure, so another attempt takes another one.
  const [Chart, setChart] = useState(lazyChart);
  return (
    <Boundary
      renderFallback={(retry) => (
        <ChartFailed
          label={props.label}
          retry={() => {
            setChart(lazyChart);
            retry();
          }}
        />
      )}
    >
      <Suspense fallback={<div className="chart-waiting" aria-hidden="true" />}>
        <Chart {...props} />
      </Suspense>
    </Boundary>
  );
}

/** The label has the figures in words: they are known without the drawing. */
function ChartFailed({ label, retry }: { readonly label: string; readonly retry: () => void }) {
  return (
    <div className="chart-failed" role="alert">
      <p>
        <strong>The chart could not be drawn.</strong> {label}
      </p>
      <button type="button" className="button" onClick={retry}>
        Try again
      </button>
    </div>
  );
}
