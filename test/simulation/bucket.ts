import type { Chance } from "./random.ts";
import type { Timeline } from "./platform/timeline.ts";

interface Stored {
  readonly body: Uint8Array;
  readonly etag: string;
  readonly customMetadata: Readonly<Record<string, string>>;
}

interface PutOptions {
  readonly customMetadata?: Readonly<Record<string, string>>;
  readonly onlyIf?: Headers | { readonly etagMatches: string };
}

/** An R2 bucket as the archive uses one: slow at times, and down when it is told to be. */
export class SimulatedBucket {
  down = false;
  readonly objects = new Map<string, Stored>();
  readonly #timeline: Timeline;
  readonly #chance: Chance;
  #etags = 0;

  constructor(timeline: Timeline, chance: Chance) {
    this.#timeline = timeline;
    this.#chance = chance;
  }

  async head(key: string): Promise<{ readonly etag: string } | null> {
    await this.#trip();
    return this.objects.get(key) ?? null;
  }

  async get(key: string): Promise<object | null> {
    await this.#trip();
    const found = this.objects.get(key);
    if (found === undefined) return null;
    return {
      body: new Blob([found.body as BlobPart]).stream(),
      customMetadata: found.customMetadata,
      etag: found.etag,
    };
  }

  async put(key: string, body: ArrayBuffer, options: PutOptions = {}): Promise<object | null> {
    await this.#trip();
    const { onlyIf, customMetadata = {} } = options;
    const there = this.objects.get(key);
    if (onlyIf instanceof Headers ? there !== undefined : onlyIf !== undefined && there?.etag !== onlyIf.etagMatches) {
      return null;
    }
    const stored: Stored = { body: new Uint8Array(body), etag: `e${(this.#etags += 1)}`, customMetadata };
    this.objects.set(key, stored);
    // It was stored, and the answer is lost.
    if (this.#chance.happens(0.05)) throw new Error("The bucket did not answer.");
    return stored;
  }

  async delete(keys: readonly string[]): Promise<void> {
    await this.#trip();
    for (const key of keys) this.objects.delete(key);
  }

  async list({ prefix }: { readonly prefix: string }): Promise<object> {
    await this.#trip();
    const objects = [...this.objects.keys()].filter((key) => key.startsWith(prefix)).map((key) => ({ key }));
    return { objects, truncated: false };
  }

  #trip(): Promise<void> {
    const delay = this.#chance.happens(0.02) ? this.#chance.between(1_000, 60_000) : this.#chance.next() * 50;
    return new Promise((resolve, reject) => {
      this.#timeline.after(delay, () => {
        if (this.down) reject(new Error("The bucket is down on purpose."));
        else resolve();
      });
    });
  }
}
