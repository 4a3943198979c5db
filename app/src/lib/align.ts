import { type Json, equal, isArray, isObject, own } from "./json.ts";

/** Above this many pairs in the changed middle, elements pair up by place: the exact way costs their product. */
const MOST_PAIRS = 40_000;

/**
 * Which element of `after` each element of `before` became: `result[i]` is its index there, or -1 when it is gone.
 * Rises strictly. Elements that are equal pair up first (longest common run); what lies between two pairs on both
 * sides is paired in order where `alike`, and is an edit in place rather than a removal and an insertion.
 */
export function align(before: readonly Json[], after: readonly Json[]): Int32Array {
  const pairs = new Int32Array(before.length).fill(-1);
  let start = 0;
  let endA = before.length;
  let endB = after.length;
  const same = (a: number, b: number) => equal(before[a] ?? null, after[b] ?? null);
  while (start < endA && start < endB && same(start, start)) {
    pairs[start] = start;
    start += 1;
  }
  while (endA > start && endB > start && same(endA - 1, endB - 1)) {
    endA -= 1;
    endB -= 1;
    pairs[endA] = endB;
  }
  if ((endA - start) * (endB - start) <= MOST_PAIRS) pairCommon(pairs, start, endA, endB, same);
  pairEdited(pairs, before, after, start, endA, endB);
  return pairs;
}

/** Longest common subsequence of the middle. */
function pairCommon(
  pairs: Int32Array,
  start: number,
  endA: number,
  endB: number,
  same: (a: number, b: number) => boolean,
): void {
  const width = endB - start + 1;
  const lengths = new Uint32Array((endA - start + 1) * width);
  const cell = (a: number, b: number) => lengths[(a - start) * width + (b - start)] ?? 0;
  const equals = new Uint8Array(lengths.length);
  for (let a = endA - 1; a >= start; a -= 1) {
    for (let b = endB - 1; b >= start; b -= 1) {
      const place = (a - start) * width + (b - start);
      if (same(a, b)) {
        equals[place] = 1;
        lengths[place] = cell(a + 1, b + 1) + 1;
      } else {
        lengths[place] = Math.max(cell(a + 1, b), cell(a, b + 1));
      }
    }
  }
  let a = start;
  let b = start;
  while (a < endA && b < endB) {
    if (equals[(a - start) * width + (b - start)] === 1) {
      pairs[a] = b;
      a += 1;
      b += 1;
    } else if (cell(a + 1, b) >= cell(a, b + 1)) a += 1;
    else b += 1;
  }
}

/** Between two fixed pairs, what is left on both sides was probably edited. */
function pairEdited(
  pairs: Int32Array,
  before: readonly Json[],
  after: readonly Json[],
  start: number,
  endA: number,
  endB: number,
): void {
  let a = start;
  let b = start;
  while (a < endA) {
    let nextA = a;
    while (nextA < endA && pairs[nextA] === -1) nextA += 1;
    const nextB = nextA < endA ? (pairs[nextA] ?? endB) : endB;
    const evenly = nextA - a === nextB - b;
    for (let from = a, to = b; from < nextA && to < nextB;) {
      const left = before[from] ?? null;
      if (evenly || alike(left, after[to] ?? null)) {
        pairs[from] = to;
        from += 1;
        to += 1;
      } else if (nextB - to > nextA - from) to += 1;
      else from += 1;
    }
    a = nextA + 1;
    b = nextB + 1;
  }
}

/** Whether two unequal elements are probably the same thing, edited. */
function alike(a: Json, b: Json): boolean {
  if (isArray(a)) return isArray(b) && (a.length === 0 || a.some((item) => b.some((other) => equal(item, other))));
  if (!isObject(a) || !isObject(b)) return false;
  const id = own(a, "id");
  if (id !== undefined) return equal(id, own(b, "id") ?? null);
  const keys = Object.keys(a);
  return (
    keys.length === 0 ||
    keys.some((key) => {
      const other = own(b, key);
      return other !== undefined && equal(own(a, key) ?? null, other);
    })
  );
}
