const encoder = new TextEncoder();
const scratch = new Uint8Array(64 * 1024);

/** Bytes of a text in UTF-8, without keeping the encoding. */
export function utf8Length(text: string): number {
  if (text.length * 3 <= scratch.length) return encoder.encodeInto(text, scratch).written;
  let bytes = 0;
  for (let start = 0; start < text.length;) {
    const { read, written } = encoder.encodeInto(start === 0 ? text : text.slice(start), scratch);
    start += read;
    bytes += written;
  }
  return bytes;
}
