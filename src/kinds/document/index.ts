export { documentKind } from "./kind.ts";
export { simplify, type SimplePatch } from "./simplify.ts";
export type { DocumentIntent, DocumentOp, FieldOperator, PatchOperation } from "./types.ts";
