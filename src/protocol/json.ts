/** Any JSON value. Rooms store, fold and send nothing else. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. Keys are data: `__proto__`, `constructor` and `prototype` mean nothing here. */
export interface JsonObject {
  readonly [key: string]: Json;
}
