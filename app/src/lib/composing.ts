interface Key {
  readonly isComposing: boolean;
  readonly keyCode: number;
}

/** The key code of a key that an input method used itself. */
const USED_BY_INPUT_METHOD = 229;

/**
 * Whether a key belongs to an input method: Enter picks a word, Escape and the arrows move in its list. Safari sends the
 * Enter that ends a composition after its end, so that `isComposing` is false; only the deprecated `keyCode` tells.
 */
export function isComposing(event: Key | { readonly nativeEvent: Key }): boolean {
  const key = "nativeEvent" in event ? event.nativeEvent : event;
  return key.isComposing || key.keyCode === USED_BY_INPUT_METHOD;
}
