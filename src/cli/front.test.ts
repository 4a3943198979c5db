import { describe, expect, test } from "vitest";
import { FRONT_WORKER, frontBindings, type FrontSettings } from "./front.ts";

interface Front {
  fetch(request: Request, env: object): Promise<Response>;
}

const { default: front } = (await import(`data:text/javascript,${encodeURIComponent(FRONT_WORKER)}`)) as {
  default: Front;
};

interface Sent {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: Record<string, string>;
}

/** The answer of the front Worker to a request as its socket brings it; the Worker behind answers what it was asked. */
async function ask(settings: Partial<FrontSettings>, { method = "GET", target = "/", headers = {} }: Sent) {
  const APP = {
    fetch: async (request: Request) =>
      new Response("x".repeat(2_000), {
        headers: {
          "content-type": "text/plain",
          "x-url": request.url,
          "x-address": request.headers.get("cf-connecting-ip") ?? "nobody",
        },
      }),
  };
  const request = new Request("http://unused/", { method, headers: { host: "localhost:8787", ...headers } });
  // As its socket brings it: what the request line said.
  Object.defineProperty(request, "url", { value: target });
  return front.fetch(request, { APP, ...frontBindings({ host: "127.0.0.1", ...settings }) });
}

const codeOf = async (response: Response): Promise<string> => {
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  return `${response.status} ${error.code}: ${error.message}`;
};

describe("host names", () => {
  test.each([
    "localhost:8787",
    "LOCALHOST",
    "localhost.",
    "rooms.localhost:8787",
    "127.0.0.1:8787",
    "127.9.9.9",
    "[::1]:8787",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
  ])("E8: a server that listens on loopback answers as %s", async (host) => {
    expect((await ask({}, { headers: { host } })).status).toBe(200);
  });

  test.each([
    "evil.example:8787",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "evil-localhost",
    "192.168.1.5",
    "0.0.0.0:8787",
    "[::2]",
    "[::ffff:8.8.8.8]",
    "1270.0.0.1.nip.io",
  ])("E8: it refuses %s, whatever the method, and names ALLOWED_HOSTS", async (host) => {
    for (const method of ["GET", "POST", "OPTIONS", "DELETE"]) {
      const origin = `http://${host}`;
      const answer = await codeOf(
        await ask({}, { method, headers: { host, origin, "x-forwarded-host": "localhost" } }),
      );
      expect(answer).toMatch(/^403 origin_refused: .*ALLOWED_HOSTS=/);
    }
  });

  test("E8: ALLOWED_HOSTS adds names, subdomains, or every name", async () => {
    const asked = async (allowedHosts: string[], host: string): Promise<number> =>
      (await ask({ allowedHosts }, { headers: { host } })).status;
    expect(await asked(["app.example"], "App.Example:443")).toBe(200);
    expect(await asked(["app.example"], "www.app.example")).toBe(403);
    expect(await asked([".app.example"], "www.app.example")).toBe(200);
    expect(await asked([".app.example"], "evilapp.example")).toBe(403);
    expect(await asked(["10.0.0.5", "[fd00::1]"], "[fd00::1]:8787")).toBe(200);
    expect(await asked(["*"], "any.example")).toBe(200);
    expect(await asked(["app.example"], "localhost")).toBe(200);
    expect(() => frontBindings({ host: "localhost", allowedHosts: ["https://app.example"] })).toThrow(
      'An allowed host is a name such as app.example, .app.example for all subdomains, or *, without scheme and port: "https://app.example"',
    );
  });

  test("E8: on other interfaces names are only checked when they are listed", async () => {
    expect((await ask({ host: "0.0.0.0" }, { headers: { host: "evil.example" } })).status).toBe(200);
    const allowedHosts = ["app.example"];
    expect((await ask({ host: "0.0.0.0", allowedHosts }, { headers: { host: "evil.example" } })).status).toBe(403);
  });
});

describe("malformed requests", () => {
  test.each([
    "a b",
    "[::",
    "localhost:99999",
    "localhost/evil",
    "user@localhost",
    "%",
    "caf\u00e9",
    "localhost, x",
    "",
  ])("the Host %j is answered with 400", async (host) =>
    expect(await codeOf(await ask({}, { headers: { host } }))).toMatch(/^400 bad_request: /),
  );

  test.each(["http://localhost:8787/", "http:///", "ftp://x/", "*", "api", "?x", "@evil.example/", ":99/"])(
    "the target %s is answered with 400",
    async (target) => expect(await codeOf(await ask({}, { target }))).toMatch(/^400 bad_request: /),
  );

  test("a path that looks like a host is a path", async () => {
    const response = await ask({}, { target: "//evil.example/a?b" });
    expect(response.headers.get("x-url")).toBe("http://localhost:8787//evil.example/a?b");
  });

  test.each(["POST", "PUT", "PATCH", "DELETE", "HEAD"])(
    "an upgrade is no %s, whose body would be lost",
    async (method) => {
      const answer = await codeOf(await ask({}, { method, headers: { upgrade: "WebSocket" } }));
      expect(answer).toMatch(/^400 bad_request: A WebSocket upgrade is a GET/);
    },
  );
});

describe("the caller's address", () => {
  const address = async (trustProxy: number, forwarded?: string): Promise<string | null> => {
    const headers = {
      "cf-connecting-ip": "9.9.9.9",
      ...(forwarded === undefined ? {} : { "x-forwarded-for": forwarded }),
    };
    return (await ask({ trustProxy }, { headers })).headers.get("x-address");
  };

  test.each([
    ["1.2.3.4", "1.2.3.4"],
    ["1.2.3.4:5000", "1.2.3.4"],
    ["[::1]:5000", "::1"],
    ["[2001:db8::7]", "2001:db8::7"],
    ["2001:db8::7", "2001:db8::7"],
    ['"[2001:db8::7]:443"', "2001:db8::7"],
    ["fe80::1%eth0", "fe80::1%eth0"],
    ["unknown", "nobody"],
    ["_hidden", "nobody"],
    ["1.2.3", "nobody"],
    ["999.1.1.1", "nobody"],
    ["", "nobody"],
  ])("X-Forwarded-For %j is %s", async (header, expected) => expect(await address(1, header)).toBe(expected));

  test("with a count, as many proxies are passed over, and what a client writes itself is not believed", async () => {
    const list = "6.6.6.6, 1.2.3.4:80, 10.0.0.2, 10.0.0.1";
    expect(await address(0, list)).toBe("127.0.0.1");
    expect(await address(1, list)).toBe("10.0.0.1");
    expect(await address(3, list)).toBe("1.2.3.4");
    // Whoever comes by fewer proxies is named first.
    expect(await address(3, "1.2.3.4, 10.0.0.1")).toBe("1.2.3.4");
    expect(await address(2)).toBe("nobody");
  });

  test("the outermost trusted proxy says whether it was https", async () => {
    const url = async (trustProxy: number, protocol: string): Promise<string | null> =>
      (await ask({ trustProxy }, { headers: { "x-forwarded-proto": protocol } })).headers.get("x-url");
    expect(await url(1, "https")).toBe("https://localhost:8787/");
    expect(await url(2, "https, http")).toBe("https://localhost:8787/");
    expect(await url(1, "https, http")).toBe("http://localhost:8787/");
    expect(await url(0, "https")).toBe("http://localhost:8787/");
  });
});

describe("compression", () => {
  test.each([
    ["gzip", "gzip"],
    ["br, gzip;q=0.5", "gzip"],
    ["*", "gzip"],
    ["x-gzip", "gzip"],
    ["gzip;q=0", null],
    ["gzip; q=0.0, *", null],
    ["*;q=0", null],
    ["identity", null],
    ["gzipped", null],
  ])("Accept-Encoding %s is answered with %s", async (accepted, encoding) => {
    const response = await ask({}, { headers: { "accept-encoding": accepted } });
    expect(response.headers.get("content-encoding")).toBe(encoding);
  });
});
