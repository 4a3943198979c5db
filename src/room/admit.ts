import { formatPointer } from "../kinds/json/pointer.ts";
import type { Kind } from "../kinds/kind.ts";
import type { Limits } from "../protocol/limits.ts";
import { Refusal, refuse } from "../protocol/refusal.ts";
import type { Permission } from "../protocol/user.ts";
import { utf8Length } from "./bytes.ts";

/** An intent wraps its values in a few levels of its own, which the limit on values does not mean. */
const ENVELOPE_DEPTH = 4;

/** A message says a little more than the intents that it carries. */
const ENVELOPE_BYTES = 512;

/** Checks what a mutation asks, before anything is decided: count, depth, shape, permission. */
export function admitIntents<State, Intent, Op>(
  kind: Kind<State, Intent, Op>,
  limits: Limits,
  can: readonly Permission[],
  intents: readonly unknown[],
): readonly Intent[] | Refusal {
  if (intents.length === 0) return refuse("bad_message", "A mutation has at least one intent.");
  if (intents.length > limits.intents) {
    return refuse("too_large", `A mutation may have ${limits.intents} intents; this one has ${intents.length}.`);
  }
  const admitted: Intent[] = [];
  for (const [index, candidate] of intents.entries()) {
    if (deeperThan(candidate, limits.depth + ENVELOPE_DEPTH)) {
      return refuse("too_deep", `Values may be nested ${limits.depth} deep.`, { intent: index });
    }
    const intent = checkShape(kind, candidate, index);
    if (intent instanceof Refusal) return intent;
    const needed = kind.permission?.(intent) ?? "write";
    if (!can.includes(needed)) return refuse("forbidden", `This needs the permission "${needed}".`, { intent: index });
    admitted.push(intent);
  }
  return admitted;
}

/** Checks a text's size in bytes without encoding it where its length alone tells. */
export function overBytes(text: string, limit: number): boolean {
  return text.length > limit || (text.length * 3 > limit && utf8Length(text) > limit);
}

/** Refuses a frame or line whose intents must be over their limit. */
export function overIntents(text: string, { intentBytes }: Limits): Refusal | undefined {
  if (!overBytes(text, intentBytes + ENVELOPE_BYTES)) return undefined;
  return refuse("too_large", `One mutation may have ${intentBytes} bytes.`);
}

function checkShape<State, Intent, Op>(
  kind: Kind<State, Intent, Op>,
  candidate: unknown,
  index: number,
): Intent | Refusal {
  if (kind.intents === undefined) {
    // No kind expects it, and reading a member of it throws.
    if (candidate !== null) return candidate as Intent;
    return refuse("bad_intent", "An intent is not null.", { intent: index });
  }
  const result = kind.intents["~standard"].validate(candidate);
  if (result instanceof Promise)
    throw new TypeError(`The intent schema of kind ${kind.name} must not be asynchronous.`);
  if (result.issues === undefined) return result.value;
  const [issue] = result.issues;
  const path = (issue?.path ?? []).map((part) => String(typeof part === "object" ? part.key : part));
  return refuse("bad_intent", issue?.message ?? "Not an intent of this kind.", {
    intent: index,
    ...(path.length === 0 ? {} : { path: formatPointer(path) }),
  });
}

/** Iterative: a hostile value may be nested deeper than the stack. */
function deeperThan(value: unknown, limit: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    level = level
      .flatMap((item): unknown[] => (typeof item === "object" && item !== null ? Object.values(item) : []))
      .filter((item) => typeof item === "object" && item !== null);
  }
  return false;
}
