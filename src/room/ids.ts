const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";

/** An unguessable id of [a-z0-9]: 16 characters are 82 bits. */
export function randomId(length = 16): string {
  let id = "";
  while (id.length < length) {
    // 252 is the last multiple of 36 in a byte; taking the rest as well would favour the first letters.
    for (const byte of crypto.getRandomValues(new Uint8Array(length * 2))) {
      if (byte < 252 && id.length < length) id += ALPHABET[byte % 36];
    }
  }
  return id;
}
