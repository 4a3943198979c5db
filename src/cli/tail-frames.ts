/** One block of a `text/event-stream`. What the block does not name is absent. */
export interface Frame {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
}

/**
 * The blocks of an event stream, as they come. `alive` is called with whatever arrives, comments too. A block that the
 * stream breaks off in is not given.
 */
export async function* readFrames(body: ReadableStream<Uint8Array>, alive: () => void): AsyncGenerator<Frame> {
  let rest = "";
  let frame: { id?: string; event?: string; data?: string } = {};
  for await (const text of body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)) {
    alive();
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        if (Object.keys(frame).length > 0) yield frame;
        frame = {};
        continue;
      }
      const colon = line.indexOf(":");
      const name = colon === -1 ? line : line.slice(0, colon);
      const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (name === "id" || name === "event") frame[name] = value;
      else if (name === "data") frame.data = frame.data === undefined ? value : `${frame.data}\n${value}`;
    }
  }
}
