const WIDTHS = ["58%", "34%", "46%", "72%", "40%", "52%"];

/** Stands where the document will be. */
export function Skeleton() {
  return (
    <div className="skeleton" role="status" aria-label="Loading the document">
      {WIDTHS.map((width) => (
        <div key={width} aria-hidden="true">
          <span className="skeleton-key" />
          <span className="skeleton-value" style={{ inlineSize: width }} />
        </div>
      ))}
    </div>
  );
}
