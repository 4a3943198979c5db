/** UTF-16 units of one request: under the 64 KiB that a browser sends for a page that is gone, whatever the text. */
const BATCH = 20_000;
/** Events that are kept while nothing gets through; newer ones are dropped. */
const MOST = 500;
/** How long a first event waits for others, in milliseconds. */
const GATHER = 250;
/** The longest pause between tries, in milliseconds. */
const PATIENCE = 60_000;

/**
 * Sends events in batches, in order, until they are answered. A batch that may or may not have arrived is sent again:
 * the events' ids see to it that they count once. What the server refuses for what it is, is dropped.
 */
export function outbox(url: string): (event: object) => void {
  let queue: string[] = [];
  let sending = false;
  let failures = 0;
  /** Events of the next batch at most: fewer while the one that the server refuses is looked for. */
  let most = MOST;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const take = (): string[] => {
    let units = 0;
    let count = 0;
    for (const text of queue) {
      units += text.length + 1;
      if (units > BATCH || count >= most) break;
      count += 1;
    }
    return queue.splice(0, count);
  };

  const soon = (wait: number): void => {
    clearTimeout(timer);
    if (queue.length > 0) timer = setTimeout(() => void flush(), wait);
  };

  const flush = async (): Promise<void> => {
    if (sending || queue.length === 0) return;
    sending = true;
    const batch = take();
    let again = true;
    try {
      // A text/plain body asks for no preflight.
      const { ok, status } = await fetch(url, {
        method: "POST",
        body: body(batch),
        keepalive: true,
        credentials: "omit",
        // Older browsers wait as long as the network does.
        signal: window.AbortSignal?.timeout?.(PATIENCE) ?? null,
      });
      again = !ok && (status > 499 || status === 429 || status === 408);
      if (ok) most *= 2;
      else if (!again && batch.length > 1 && (status === 400 || status === 413)) {
        // One of them is at fault, and the others are not.
        most = batch.length >> 1;
        queue = [...batch, ...queue];
      } else if (!again) console.warn(`roomcast: ${url} refused ${batch.length} events: ${status}`);
    } catch {
      // No network, or a server that may not be asked from this page: both look the same from here.
    }
    sending = false;
    failures = again ? failures + 1 : 0;
    if (again) queue = [...batch, ...queue];
    soon(again ? Math.random() * Math.min(PATIENCE, GATHER * 2 ** failures) : GATHER);
  };

  // A page that is hidden may never run again.
  const leave = (): void => {
    while (queue.length > 0 && navigator.onLine) {
      const batch = take();
      if (beacon(url, body(batch))) continue;
      queue = [...batch, ...queue];
      void flush();
      break;
    }
  };
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && leave());
  addEventListener("pagehide", leave);
  addEventListener("online", () => soon(0));

  return (event) => {
    let text: string;
    try {
      text = stringify(event);
      if (text.length >= BATCH) throw new RangeError("too large");
    } catch (error) {
      console.warn("roomcast: an event is not sent.", error);
      return;
    }
    if (queue.length >= MOST) return;
    queue.push(text);
    if (queue.length === 1 && !sending) soon(GATHER);
  };
}

function beacon(url: string, text: string): boolean {
  try {
    return navigator.sendBeacon(url, text);
  } catch {
    return false;
  }
}

/** JSON whatever a library has added to the prototypes: with old ones, each string comes in quotes twice. */
function stringify(event: object): string {
  const added = [Object, Array, String, Number, Boolean].map(({ prototype }) => {
    const own = Object.getOwnPropertyDescriptor(prototype, "toJSON");
    if (own !== undefined) delete (prototype as { toJSON?: unknown }).toJSON;
    return () => own && Object.defineProperty(prototype, "toJSON", own);
  });
  try {
    return JSON.stringify(event);
  } finally {
    for (const restore of added) restore();
  }
}

function body(batch: readonly string[]): string {
  return `[${batch.join()}]`;
}
