import * as v from "valibot";
import type { JsonObject } from "../../protocol/json.ts";
import { jsonFault } from "../json/check.ts";
import { geometryFault, positionFault, type Fault } from "./geometry.ts";
import type { Geometry, LngLat, MapIntent } from "./types.ts";

/** Ids are kept and shown as they are, also in addresses. */
export const FEATURE_ID = /^[\w.:-]{1,64}$/;
export const COLOR = /^#[0-9a-f]{6}$/;
export const ICON = /^[a-z0-9-]{1,32}$/;

/** A value that is checked as a whole and passed by reference: a schema would copy each of 10,000 positions. */
function checked<T>(faultOf: (value: unknown) => Fault | undefined): v.GenericSchema<unknown, T> {
  return v.pipe(
    v.unknown(),
    v.rawCheck<unknown>(({ dataset, addIssue }) => {
      const fault = faultOf(dataset.value);
      if (fault === undefined) return;
      const [first, ...rest] = fault.path.map((key) => step(key));
      addIssue(first === undefined ? { message: fault.message } : { message: fault.message, path: [first, ...rest] });
    }),
  ) as v.GenericSchema<unknown, T>;
}

/** Its keys are data: `v.record` would drop a `__proto__`. */
const metadata = checked<JsonObject>((value) =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? jsonFault(value)
    : { path: [], message: "Expected a JSON object" },
);
const geometry = checked<Geometry>(geometryFault);
const position = checked<LngLat>(positionFault);

const id = v.pipe(v.string(), v.regex(FEATURE_ID, "An id is 1 to 64 of A-Z a-z 0-9 _ . : -"));
const color = v.pipe(v.string(), v.regex(COLOR, "A color is #rrggbb, in lower case"));
const icon = v.pipe(v.string(), v.regex(ICON, "An icon is 1 to 32 lower-case letters, digits and dashes"));

const fields = {
  title: v.exactOptional(v.string()),
  note: v.exactOptional(v.string()),
  color: v.exactOptional(color),
  icon: v.exactOptional(icon),
  metadata: v.exactOptional(metadata),
};

const change = v.strictObject({
  title: v.exactOptional(v.nullable(v.string())),
  note: v.exactOptional(v.nullable(v.string())),
  color: v.exactOptional(v.nullable(color)),
  icon: v.exactOptional(v.nullable(icon)),
  metadata: v.exactOptional(v.nullable(metadata)),
  geometry: v.exactOptional(geometry),
});

/** What the map kind takes from a client: shapes, coordinates and names, not counts and sizes, which `decide` bounds. */
export const mapIntents = v.variant("type", [
  v.strictObject({
    type: v.literal("addFeature"),
    id: v.exactOptional(id),
    feature: v.strictObject({ geometry, ...fields }),
  }),
  v.strictObject({ type: v.literal("updateFeature"), id, change }),
  v.strictObject({
    type: v.literal("addPoint"),
    id,
    point: position,
    at: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  }),
  v.strictObject({ type: v.literal("removeFeature"), id }),
  v.strictObject({ type: v.literal("setPin"), at: position }),
  v.strictObject({ type: v.literal("undo") }),
  v.strictObject({
    type: v.literal("import"),
    features: v.array(v.strictObject({ id: v.exactOptional(id), geometry, ...fields })),
  }),
]) satisfies v.GenericSchema<unknown, MapIntent>;

function step(key: string | number): v.UnknownPathItem {
  return { type: "unknown", origin: "value", input: undefined, key, value: undefined };
}
