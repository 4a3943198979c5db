/** One condition on one field of an event. */
export interface Condition {
  /** The keys that lead to the field; none for the whole event. */
  readonly field: readonly string[];
  readonly test: Test;
}

export type Test =
  /** The event has this text in a value, however deep and in whatever case. The condition has no field. */
  | { readonly is: "search"; readonly text: string }
  /** One of these. Where `loose`, a number, boolean or null of the event is compared with what the text means as JSON. */
  | { readonly is: "in"; readonly values: readonly Scalar[]; readonly loose: boolean }
  /** A string that begins with one of these. */
  | { readonly is: "prefix"; readonly values: readonly string[] }
  /** There, whatever it is, null too; or, where `there` is false, not there. */
  | { readonly is: "exists"; readonly there: boolean };

export type Scalar = null | boolean | number | string;

/** All conditions must hold; `none` lets nothing pass. */
export type Filter = readonly Condition[] | "none";
