import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gunzipSync } from "node:zlib";

/** What stands in the buckets of a server's data folder, read from the disk: texts by key, in order. */
export function readBuckets(dataDir: string, bucket: string): ReadonlyMap<string, string> {
  const folder = join(dataDir, "r2");
  const found = new Map<string, string>();
  const index = join(folder, "miniflare-R2BucketObject");
  for (const name of readdirSync(index)) {
    if (!/^[0-9a-f]+\.sqlite$/.test(name)) continue;
    const database = new DatabaseSync(join(index, name), { readOnly: true });
    const rows = database.prepare("SELECT key, blob_id AS blob FROM _mf_objects ORDER BY key").all();
    database.close();
    for (const { key, blob } of rows) {
      const packed = readFileSync(join(folder, bucket, "blobs", String(blob)));
      found.set(String(key), gunzipSync(packed).toString());
    }
  }
  return found;
}
