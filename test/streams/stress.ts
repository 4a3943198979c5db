import { EventsSubscriber, NativeSubscriber, RawSubscriber, type Subscriber } from "./subscribers.ts";

export interface Stress {
  readonly url: string;
  readonly id: string;
  readonly events: number;
  readonly batch: number;
  /** Called after each batch with the number of events that were answered. */
  readonly after?: (answered: number) => void;
}

/**
 * Publishes numbered events in batches, while ten subscribers hear them: four native, three of server-sent events, three
 * raw. One native and one of events lose their connection at random. Resolves when each has every event once, in order;
 * answers how often they dropped.
 */
export async function stress({ url, id, events, batch, after }: Stress): Promise<number> {
  const subscribers: Subscriber[] = [
    ...Array.from({ length: 4 }, () => new NativeSubscriber(url, id)),
    ...Array.from({ length: 3 }, () => new EventsSubscriber(url, id)),
    ...Array.from({ length: 3 }, () => new RawSubscriber(url, id)),
  ];
  try {
    await Promise.all(subscribers.map((subscriber) => subscriber.open()));
    const dropping = [subscribers[0], subscribers[4]];
    const often = Math.max(1, Math.ceil(events / batch / 20));
    for (let from = 1, count = 0; from <= events; from += batch, count += 1) {
      const to = Math.min(from + batch - 1, events);
      await publishNumbered(`${url}/publish`, from, to, { siteId: id });
      after?.(to);
      if (count % often === 0 && Math.random() < 0.5) dropping[count % 2]?.drop();
      // Who is slower than the publisher is not dropped, but the load must not pile up in this process.
      const slowest = Math.min(...subscribers.filter((one) => one.drops === 0).map(({ heard }) => heard));
      if (to - slowest > 20_000)
        await subscribers.find((one) => one.drops === 0 && one.heard === slowest)?.until(to - 10_000);
    }
    await Promise.all(subscribers.map((subscriber) => subscriber.until(events)));
    return subscribers.reduce((sum, { drops }) => sum + drops, 0);
  } finally {
    for (const subscriber of subscribers) subscriber.close();
  }
}

/** Publishes events numbered `from` to `to` as one batch of lines. */
export async function publishNumbered(
  url: string,
  from: number,
  to: number,
  more: object = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const lines = Array.from({ length: to - from + 1 }, (_, at) =>
    JSON.stringify({ ...more, n: from + at, type: "pageview", path: "/docs/start", country: "DE" }),
  );
  const body = lines.join("\n");
  const response = await fetch(url, {
    method: "POST",
    body,
    headers: { "content-type": "application/x-ndjson", ...headers },
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
}
