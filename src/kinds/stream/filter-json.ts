import { refuse, Refusal } from "../../protocol/refusal.ts";
import { isObject } from "../json/object.ts";
import { formatPointer } from "../json/pointer.ts";
import type { Condition, Scalar, Test } from "./conditions.ts";
import { STREAM_LIMITS } from "./limits.ts";

/** A filter as a JSON list of conditions, or as a single one. */
export function parseJsonFilter(text: string): readonly Condition[] | Refusal {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return refuse("bad_request", "The filter begins like JSON and is none.");
  }
  const list: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  if (list.length > STREAM_LIMITS.conditions)
    return refuse("bad_request", `A filter may have ${STREAM_LIMITS.conditions} conditions.`);
  const conditions: Condition[] = [];
  for (const [index, item] of list.entries()) {
    const place = Array.isArray(parsed) ? `/${index}` : "";
    const condition = readCondition(item, place);
    if (condition instanceof Refusal) return condition;
    conditions.push(condition);
  }
  return conditions;
}

function readCondition(item: unknown, place: string): Condition | Refusal {
  if (!isObject(item)) return wrong(place, 'a condition is an object such as {"field":"type","in":["click"]}');
  const { field, ...rest } = item;
  const { search } = rest;
  if (field === undefined && search !== undefined) {
    if (typeof search !== "string" || search === "" || Object.keys(rest).length > 1) {
      return wrong(`${place}/search`, "it is searched for a text, without a field");
    }
    return { field: [], test: { is: "search", text: search.toLowerCase() } };
  }
  const keys = typeof field === "string" ? field.split(".") : field;
  if (!Array.isArray(keys) || keys.length === 0 || !keys.every((key) => typeof key === "string" && key !== "")) {
    return wrong(`${place}/field`, "a field is a name, dotted or as a list of keys");
  }
  const test = readTest(rest, place);
  return test instanceof Refusal ? test : { field: keys as readonly string[], test };
}

function readTest(rest: Readonly<Record<string, unknown>>, place: string): Test | Refusal {
  const [name, ...more] = Object.keys(rest);
  if (name === undefined || more.length > 0) {
    return wrong(place, "a condition has a field and one of equals, in, prefix, exists");
  }
  const given = rest[name];
  const at = place + formatPointer([name]);
  const values: readonly unknown[] = Array.isArray(given) ? given : [given];
  switch (name) {
    case "equals":
      return isScalar(given) ? { is: "in", values: [given], loose: false } : wrong(at, "it equals a scalar");
    case "in":
      if (!Array.isArray(given) || !given.every(isScalar)) return wrong(at, "`in` is a list of scalars");
      if (given.length > STREAM_LIMITS.values) return wrong(at, `at most ${STREAM_LIMITS.values} values`);
      return { is: "in", values: given, loose: false };
    case "prefix":
      if (!values.every((value) => typeof value === "string"))
        return wrong(at, "a prefix is a string, or a list of them");
      if (values.length > STREAM_LIMITS.values) return wrong(at, `at most ${STREAM_LIMITS.values} values`);
      return { is: "prefix", values };
    case "exists":
      return typeof given === "boolean" ? { is: "exists", there: given } : wrong(at, "`exists` is true or false");
    default:
      return wrong(at, "not one of equals, in, prefix, exists");
  }
}

function wrong(path: string, why: string): Refusal {
  return refuse("bad_request", `The filter is wrong at ${path === "" ? "its top" : path}: ${why}.`, { path });
}

function isScalar(value: unknown): value is Scalar {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}
