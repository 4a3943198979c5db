import { isObject, own, put } from "../json/object.ts";
import type { Json, JsonObject } from "../../protocol/json.ts";
import type { FeatureFields } from "./types.ts";

/** Names under which other programs write what a feature has here, best first. */
const TITLE = ["title", "name"];
const NOTE = ["note", "description", "desc"];
const COLOR = ["color", "marker-color", "stroke", "fill"];
const ICON = ["icon", "marker-symbol"];

/** Written by an export; who made something is not for a file to say. */
const OURS = new Set(["made", "changed", "metadata"]);

/** The property that a title or a note is read from. */
export function sourceOf(field: "title" | "note", properties: JsonObject): string {
  const names = field === "title" ? TITLE : NOTE;
  const used = names.find((name) => readText(own(properties, name) ?? null) !== undefined);
  return used ?? field;
}

/** A feature's fields from the properties of a file. What has no field of its own becomes metadata. */
export function readFields(properties: JsonObject): FeatureFields {
  const used = new Set<string>();
  const first = <T>(names: readonly string[], read: (value: Json) => T | undefined): T | undefined => {
    for (const name of names) {
      const value = own(properties, name);
      const found = value === undefined ? undefined : read(value);
      if (found === undefined) continue;
      used.add(name);
      return found;
    }
    return undefined;
  };
  const title = first(TITLE, readText);
  const note = first(NOTE, readText);
  const color = first(COLOR, readColor);
  const icon = first(ICON, readIcon);
  const kept = own(properties, "metadata");
  const metadata: Record<string, Json> = isObject(kept) ? { ...kept } : {};
  for (const [name, value] of Object.entries(properties)) {
    const told = used.has(name) || value === null || (OURS.has(name) && isObject(value));
    if (!told && !Object.hasOwn(metadata, name)) put(metadata, name, value);
  }
  return {
    ...(title === undefined ? {} : { title }),
    ...(note === undefined ? {} : { note }),
    ...(color === undefined ? {} : { color }),
    ...(icon === undefined ? {} : { icon }),
    ...(isObject(kept) || Object.keys(metadata).length > 0 ? { metadata } : {}),
  };
}

function readText(value: Json): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value : undefined;
}

/** `#rrggbb` or `#rgb`, in any case; names of colors stay metadata. */
export function readColor(value: Json): string | undefined {
  if (typeof value !== "string") return undefined;
  const text = value.toLowerCase();
  if (/^#[0-9a-f]{6}$/.test(text)) return text;
  const [, r, g, b] = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/.exec(text) ?? [];
  return r === undefined ? undefined : `#${r}${r}${g ?? ""}${g ?? ""}${b ?? ""}${b ?? ""}`;
}

export function readIcon(value: Json): string | undefined {
  return typeof value === "string" && /^[a-z0-9-]{1,32}$/.test(value) ? value : undefined;
}
