/** Any JSON value. Rooms store, fold and send nothing else. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

type Scalar = null | boolean | number | string;

/** JSON as far as the types of RPC can follow it: they do not come to an end on a type that holds itself. */
export type LooseJson = Scalar | readonly (Scalar | object)[] | LooseJsonObject;

export interface LooseJsonObject {
  readonly [key: string]: Scalar | object;
}

/** A JSON object. Keys are data: `__proto__`, `constructor` and `prototype` mean nothing here. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/**
 * JSON as callers hand it over. Interfaces fit, which have no index signature and so are no `JsonObject`; what is an object
 * to TypeScript and not to JSON (a Date, a Map) is refused at run time, with its path.
 */
export type JsonInput = Scalar | object;
