import { useEffect, useId } from "react";
import { traffic, type TrafficEvent } from "../../../src/testing/traffic.ts";
import { PauseIcon, PlayIcon } from "../ui/icons.tsx";
import { useToast } from "../ui/toasts.tsx";

/** How often a batch is sent, in milliseconds. */
const BEAT = 200;
const RATES = [5, 20, 100, 1_000] as const;
export const FIRST_RATE: number = RATES[1];
/** Events of one mutation at most: a stall leaves more than one may have. */
const BATCH_EVENTS = 250;

interface Props {
  readonly id: string;
  readonly publish: (events: readonly TrafficEvent[]) => Promise<void>;
  readonly primary?: boolean;
  readonly running: boolean;
  readonly run: (running: boolean) => void;
  /** Events a second. The page keeps it: the button moves once there are events. */
  readonly rate: number;
  readonly setRate: (rate: number) => void;
}

/** Makes up visitors, and sends their events as any site would, for as long as it is switched on. */
export function TrafficButton({ id, publish, primary = false, running, run, rate, setRate }: Props) {
  const toast = useToast();
  const field = useId();

  useEffect(() => {
    if (!running) return undefined;
    const site = traffic(id, { visitors: rate >= 1_000 ? 200 : 40 });
    let owed = 1;
    let last = performance.now();
    let stopped = false;
    const fail = (error: unknown): void => {
      if (stopped) return;
      stopped = true;
      run(false);
      toast({ tone: "bad", text: "The traffic was stopped.", detail: error instanceof Error ? error.message : "" });
    };
    const send = (): void => {
      const now = performance.now();
      // A hidden page is woken seldom; it goes on from there rather than making up for it.
      owed = Math.min(owed + (rate * (now - last)) / 1000, 2 * rate);
      last = now;
      const count = Math.floor(owed);
      owed -= count;
      if (count === 0) return;
      const at = Date.now();
      for (let left = count; left > 0; left -= BATCH_EVENTS) {
        publish(Array.from({ length: Math.min(left, BATCH_EVENTS) }, () => site.next(at))).catch(fail);
      }
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
