export { jsonDocument } from "./dialect.ts";
export { parseSimplePatch } from "./parse.ts";
