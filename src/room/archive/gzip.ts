/** Text as gzip. Gives way to whatever else waits between the pieces, which should be some tens of KiB each. */
export async function gzip(pieces: Iterable<string> | AsyncIterable<string>): Promise<ArrayBuffer> {
  const { readable, writable } = new CompressionStream("gzip");
  const packed = new Response(readable).arrayBuffer();
  const writer = writable.getWriter();
  const encoder = new TextEncoder();
  for await (const piece of pieces) {
    await writer.write(encoder.encode(piece));
    await scheduler.wait(0);
  }
  await writer.close();
  return packed;
}

/** The lines of a gzipped text, without their line feeds. Rejects where it is cut off. */
export async function gunzipLines(packed: ReadableStream): Promise<readonly string[]> {
  const text = await new Response(packed.pipeThrough(new DecompressionStream("gzip"))).text();
  const lines = text.split("\n");
  if (lines.pop() !== "") throw new Error("The archive's last line has no end.");
  return lines;
}
