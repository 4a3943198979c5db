import { expect, test } from "vitest";
import { edge } from "../../../test/worker/edge.ts";

const PAGE = "https://app.example";
const worker = edge({ streams: (bindings) => bindings.STREAMS, streamOrigins: () => [PAGE] });

function ask(method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<Response> {
  return worker.fetch(`/v1/stream/cors${path}`, {
    method,
    headers: { origin: PAGE, "content-type": "application/octet-stream", ...headers },
    ...(body === undefined ? {} : { body }),
  });
}

/** Headers that a page of another origin may read without being told so. */
const ALWAYS = ["cache-control", "content-length", "content-type"];
/** For the browser itself, or for caches. */
const FOR_OTHERS =
  /^(access-control-.*|vary|content-security-policy|content-disposition|x-content-type-options|cross-origin-.*)$/;

test("E2 a page of a listed origin reads every header that a stream is answered with", async () => {
  const by = (epoch: number, seq: number): Record<string, string> => ({
    "producer-id": "p",
    "producer-epoch": String(epoch),
    "producer-seq": String(seq),
  });
  const answers = [
    await ask("PUT", "", { "stream-ttl": "3600" }, "one"),
    await ask("POST", "", by(1, 0), "two"),
    await ask("POST", "", by(1, 0), "two"),
    await ask("POST", "", by(1, 5), "far"),
    await ask("POST", "", by(0, 1), "old"),
    await ask("HEAD", ""),
    await ask("GET", "?offset=-1"),
    await ask("GET", "?offset=-1&live=long-poll"),
    await ask("GET", "?offset=-1&live=sse"),
    await ask("POST", "", { "stream-closed": "true" }),
    await ask("POST", "", {}, "late"),
    await ask("GET", "?offset=-1"),
    await ask("PUT", "-until", { "stream-expires-at": "2999-01-01T00:00:00Z" }),
    await ask("HEAD", "-until"),
  ];
  const seen = new Set<string>();
  for (const { headers, body } of answers) {
    await body?.cancel();
    const exposed = (headers.get("access-control-expose-headers") ?? "").toLowerCase().split(", ");
    const hidden = [...headers.keys()].filter(
      (name) => !ALWAYS.includes(name) && !FOR_OTHERS.test(name) && !exposed.includes(name),
    );
    expect(hidden).toEqual([]);
    for (const name of headers.keys()) seen.add(name);
  }
  // The test has met what the protocol answers.
  expect([...seen].filter((name) => /^(stream|producer)-/.test(name)).toSorted()).toEqual([
    "producer-epoch",
    "producer-expected-seq",
    "producer-received-seq",
    "producer-seq",
    "stream-closed",
    "stream-cursor",
    "stream-expires-at",
    "stream-next-offset",
    "stream-sse-data-encoding",
    "stream-ttl",
    "stream-up-to-date",
  ]);
});

test("E2 a preflight lets a page of a listed origin send what the protocol's clients send", async () => {
  const sent = [
    "authorization",
    "content-type",
    "if-none-match",
    "producer-epoch",
    "producer-id",
    "producer-seq",
    "stream-closed",
    "stream-expires-at",
    "stream-fork-offset",
    "stream-fork-sub-offset",
    "stream-forked-from",
    "stream-seq",
    "stream-ttl",
  ];
  for (const method of ["PUT", "POST", "HEAD", "DELETE"]) {
    const { status, headers } = await worker.fetch("/v1/stream/cors", {
      method: "OPTIONS",
      headers: {
        origin: PAGE,
        "access-control-request-method": method,
        "access-control-request-headers": sent.join(","),
      },
    });
    expect(status).toBe(204);
    expect(headers.get("access-control-allow-origin")).toBe(PAGE);
    expect(headers.get("access-control-allow-methods")?.split(", ")).toContain(method);
    expect(headers.get("access-control-allow-headers")).toBe(sent.join(","));
  }
});
