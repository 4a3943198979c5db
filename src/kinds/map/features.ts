import type { Bucket, Feature, MapState } from "./types.ts";

/** A change copies one of these, and the list of them. With 20,000 features each holds about 80. */
const BUCKETS = 256;

export const NO_FEATURES: readonly Bucket[] = Array.from({ length: BUCKETS }, () => ({}));

type Features = Pick<MapState, "features">;

/** The feature with this id; undefined when there is none. */
export function featureOf({ features }: Features, id: string): Feature | undefined {
  const bucket = features[bucketOf(id)];
  return bucket !== undefined && Object.hasOwn(bucket, id) ? bucket[id] : undefined;
}

/** Every feature with its id, in no order that means anything. */
export function* featuresOf({ features }: Features): Generator<[id: string, feature: Feature]> {
  for (const bucket of features) yield* Object.entries(bucket);
}

/** Features by id with these put, or with undefined taken out. */
export function replaceFeatures(
  features: readonly Bucket[],
  changes: Iterable<readonly [id: string, feature: Feature | undefined]>,
): readonly Bucket[] {
  const after: Bucket[] = [...features];
  // Each bucket is copied once, however many features of it change.
  const own = new Map<number, Record<string, Feature>>();
  for (const [id, feature] of changes) {
    const index = bucketOf(id);
    let bucket = own.get(index);
    if (bucket === undefined) {
      bucket = { ...after[index] };
      own.set(index, bucket);
      after[index] = bucket;
    }
    if (feature === undefined) delete bucket[id];
    // Assignment would mean something else for `__proto__`.
    else Object.defineProperty(bucket, id, { value: feature, writable: true, enumerable: true, configurable: true });
  }
  return after;
}

/** FNV-1a: spreads ids that differ in one character as well as random ones. */
function bucketOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % BUCKETS;
}
