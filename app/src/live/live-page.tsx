import "../styles/live.css";
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { ConnectionBanner, ConnectionPill, type RoomWords } from "../room/connection.tsx";
import { ShareButton } from "../room/share-button.tsx";
import { follow } from "../route.ts";
import { Mark, OutIcon } from "../ui/icons.tsx";
import { BodyBoundary } from "../ui/boundary.tsx";
import { Charts, WaitingCharts } from "./charts.tsx";
import { Feed } from "./feed.ts";
import { RANGES, type Range, RANGE_WORDS, useHistory } from "./history.ts";
import { Snippet } from "./snippet.tsx";
import { openSite } from "./stream.ts";
import { TailList } from "./tail-list.tsx";
import { TopList } from "./top-list.tsx";
import { FIRST_RATE, TrafficButton } from "./traffic-button.tsx";

const WORDS: RoomWords = {
  room: "stream",
  one: "event",
  doing: "Sending",
  goOn: "What you see stays, and what happens meanwhile is fetched when you are back.",
};

/** A site's events as they happen. */
export function LivePage({ id }: { readonly id: string }) {
  const { site, feed } = useMemo(() => ({ site: openSite(id), feed: new Feed() }), [id]);
  useEffect(() => feed.start(site.follow), [feed, site]);
  const shown = useSyncExternalStore(feed.subscribe, feed.shown);
  const [range, setRange] = useState<Range>();
  const [running, setRunning] = useState(false);
  const [rate, setRate] = useState(FIRST_RATE);
  const history = useHistory(id, range);

  useEffect(() => {
    document.title = `${id} live · Roomcast`;
  }, [id]);

  const choose = useCallback(
    (filter: string) => {
      feed.narrow(filter);
      document.querySelector(".tail")?.scrollIntoView({ block: "nearest", behavior: "smooth" });
    },
    [feed],
  );
  const tops = range === undefined ? shown.view : history.phase === "done" ? history.history : NOTHING;
  const button = { id, publish: site.publish, running, run: setRunning, rate, setRate };

  return (
    <div className="live-page">
      <a className="skip" href="#live">
        Skip to the events
      </a>
      <header className="topbar">
        <a className="home" href="/" onClick={follow} aria-label="Roomcast: start">
          <Mark />
        </a>
        <h1 title={id}>{id}</h1>
        <ConnectionPill room={feed} words={WORDS} />
        <span className="caught" role="status">
          {shown.caughtUp !== undefined && <span className="pill caught-up">{shown.caughtUp}</span>}
        </span>
        <div className="topbar-actions">
          <a className="button" href={samplePath(id)} target="_blank" rel="noopener">
            <OutIcon size={16} />
            <span className="wide">Sample page</span>
          </a>
          <ShareButton />
        </div>
      </header>
      <main id="live" tabIndex={-1}>
        <ConnectionBanner room={feed} words={WORDS} />
        <BodyBoundary>
          {shown.stage === "loading" && (
            <div className="live-grid">
              <WaitingCharts />
            </div>
          )}
          {shown.stage === "empty" && (
            <section className="live-empty" aria-labelledby="empty-title">
              <h2 id="empty-title">Nothing has happened here yet</h2>
              <p>Events appear here in the moment in which they are published.</p>
              <TrafficButton {...button} primary />
              <p className="hint">
                or click about on the{" "}
                <a href={samplePath(id)} target="_blank" rel="noopener">
                  sample page
                </a>
                , or put this on a site of your own:
              </p>
              <Snippet id={id} />
            </section>
          )}
          {shown.stage === "there" && (
            <>
              <div className="live-bar">
                <div className="switch" role="group" aria-label="Time range">
                  {[undefined, ...RANGES].map((each) => (
                    <button
                      key={each ?? "live"}
                      type="button"
                      aria-pressed={each === range}
                      onClick={() => setRange(each)}
                    >
                      {each ?? "Live"}
                    </button>
                  ))}
                </div>
                <TrafficButton {...button} />
              </div>
              <div className="live-grid">
                <Charts view={shown.view} range={range} history={history} />
                <TailList feed={feed} shown={shown} />
                <div className="live-side">
                  <TopList
                    phase={range === undefined ? "done" : history.phase}
                    pages={tops.pages}
                    types={tops.types}
                    span={range === undefined ? "in the last 5 minutes" : RANGE_WORDS[range]}
                    choose={choose}
                  />
                  <section className="panel" aria-label="On your site">
                    <header className="panel-head">
                      <h2>On your site</h2>
                    </header>
                    <Snippet id={id} />
                    <p className="hint panel-hint">
                      Page views come of themselves, other events with <code>roomcast.track(name)</code>. No cookies.
                    </p>
                  </section>
                </div>
              </div>
            </>
          )}
        </BodyBoundary>
      </main>
    </div>
  );
}

const NOTHING = { pages: [], types: [] };

function samplePath(id: string): string {
  return `/sample/?site=${encodeURIComponent(id)}`;
}
