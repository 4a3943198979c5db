import { useEffect, useId, useState } from "react";
import { traffic, type TrafficEvent } from "../../../src/testing/traffic.ts";
import { PauseIcon, PlayIcon } from "../ui/icons.tsx";
import { useToast } from "../ui/toasts.tsx";

/** How often a batch is sent, in milliseconds. */
const BEAT = 200;
const RATES = [5, 20, 100, 1_000] as const;

interface Props {
  readonly id: string;
  readonly publish: (events: readonly TrafficEvent[]) => Promise<void>;
  readonly primary?: boolean;
  readonly running: boolean;
  readonly run: (running: boolean) => void;
}

/** Makes up visitors, and sends their events as any site would, for as long as it is switched on. */
export function TrafficButton({ id, publish, primary = false, running, run }: Props) {
  const [rate, setRate] = useState<number>(RATES[1]);
  const toast = useToast();
  const field = useId();

  useEffect(() => {
    if (!running) return undefined;
    const site = traffic(id, { visitors: rate >= 1_000 ? 200 : 40 });
    let owed = 1;
    let last = performance.now();
    let stopped = false;
    const send = (): void => {
      const now = performance.now();
      // A hidden page is woken seldom; it goes on from there rather than making up for it.
      owed = Math.min(owed + (rate * (now - last)) / 1000, 2 * rate);
      last = now;
      const count = Math.floor(owed);
      owed -= count;
      if (count === 0) return;
      const at = Date.now();
      publish(Array.from({ length: count }, () => site.next(at))).catch((error: unknown) => {
        if (stopped) return;
        run(false);
        toast({ tone: "bad", text: "The traffic was stopped.", detail: error instanceof Error ? error.message : "" });
      });
    };
    send();
    const timer = setInterval(send, BEAT);
    return () => {
      stopped = true;
      clearInterval(timer);
    };
  }, [running, rate, id, publish, run, toast]);

  return (
    <div className="traffic">
      <button
        type="button"
        className={primary ? "button primary" : "button"}
        aria-pressed={running}
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- the same button, in another place once there are events
        autoFocus={running}
        onClick={() => run(!running)}
      >
        {running ? <PauseIcon size={16} /> : <PlayIcon size={16} />}
        {running ? "Stop traffic" : "Generate traffic"}
      </button>
      <label className="visually-hidden" htmlFor={field}>
        Events a second
      </label>
      <select id={field} className="input" value={rate} onChange={(event) => setRate(Number(event.target.value))}>
        {RATES.map((each) => (
          <option key={each} value={each}>
            {each.toLocaleString("en")}/s
          </option>
        ))}
      </select>
    </div>
  );
}
