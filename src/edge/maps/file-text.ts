/** Why the bytes of a file are no text. The line counts from 1. */
export interface TextFault {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** As far into a file its encoding is declared, bytes. */
const DECLARED_WITHIN = 256;

/**
 * The text of a file, in the encoding that its byte order mark, the request or its XML declaration says, in this order;
 * else in UTF-8.
 */
export function textOf(bytes: ArrayBuffer, charset: string | undefined): string | TextFault {
  const label =
    markOf(new Uint8Array(bytes, 0, Math.min(bytes.byteLength, 4))) ?? charset ?? declared(bytes) ?? "utf-8";
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(label, { fatal: true, ignoreBOM: false });
  } catch {
    return { message: `The encoding ${label.slice(0, 40)} is not known`, line: 1, column: 1 };
  }
  try {
    return decoder.decode(bytes);
  } catch {
    // What cannot be read is shown as this character by a decoder that goes on.
    const before = new TextDecoder(label).decode(bytes).split("\ufffd", 1)[0] ?? "";
    const line = before.split("\n");
    return {
      message: `The file is not ${decoder.encoding}`,
      line: line.length,
      column: (line.at(-1) ?? "").length + 1,
    };
  }
}

/** UTF-16 shows in its mark, or in the zero beside a file's first character. */
function markOf([a, b]: Uint8Array): string | undefined {
  if ((a === 0xff && b === 0xfe) || (a !== undefined && a > 0 && b === 0)) return "utf-16le";
  if ((a === 0xfe && b === 0xff) || (a === 0 && b !== undefined && b > 0)) return "utf-16be";
  return a === 0xef && b === 0xbb ? "utf-8" : undefined;
}

function declared(bytes: ArrayBuffer): string | undefined {
  const start = new TextDecoder("latin1").decode(bytes.slice(0, DECLARED_WITHIN));
  return /^\s*<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(start)?.[1];
}
