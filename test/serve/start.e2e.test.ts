import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { TestServer } from "../harness/server.ts";
import { type BundledProject, bundleProject, ROOT, SOURCE } from "./bundled.ts";

/** The same project, bundled already: most tests are about what comes after. */
let project: BundledProject;
let server: TestServer | undefined;

beforeAll(async () => {
  project = await bundleProject();
});

afterAll(() => project?.remove());

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function start(env: Record<string, string> = {}, config = project.config): Promise<TestServer> {
  server = await TestServer.start({ config, env });
  return server;
}

const json = async (response: Promise<Response>): Promise<unknown> => (await response).json();

function open(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url);
  return new Promise((resolve, reject) => {
    socket.addEventListener("open", () => resolve(socket), { once: true });
    socket.addEventListener("error", () => reject(new Error(`no socket at ${url}`)), { once: true });
  });
}

test("everything a Worker binds works, and its data outlives a restart", async () => {
  const { url, webSocketUrl } = await start({}, SOURCE);
  expect(await json(fetch(`${url}/api/count`))).toEqual({ sum: 1 });
  expect(await json(fetch(`${url}/api/database`))).toEqual({ visits: 1 });
  expect(await (await fetch(`${url}/api/bucket`, { method: "PUT", body: "kept" })).text()).toBe("kept");
  expect(await (await fetch(`${url}/api/queue`)).text()).toBe("queued");
  await expect.poll(() => json(fetch(`${url}/api/jobs`))).toEqual({ sum: 1 });

  const socket = await open(`${webSocketUrl}/api/socket`);
  const echoed = new Promise((resolve) => socket.addEventListener("message", ({ data }) => resolve(data)));
  socket.send("over a socket");
  expect(await echoed).toBe("over a socket");
  socket.close();

  expect(await server?.signal("SIGTERM")).toBe(0);
  // Everything is in the databases themselves: a backup needs no more than these.
  const files = await readdir(server?.dataDir ?? "", { recursive: true });
  expect(files.filter((name) => /-(wal|shm)$/.test(name))).toEqual([]);
  await server?.restart();
  expect(await json(fetch(`${url}/api/count`))).toEqual({ sum: 2 });
  expect(await json(fetch(`${url}/api/database`))).toEqual({ visits: 2 });
  expect(await (await fetch(`${url}/api/bucket`)).text()).toBe("kept");
});

test("files are served with their type, other paths get the page, and a caller cannot choose its address or see a stack", async () => {
  const { url } = await start();
  const page = await fetch(`${url}/some/path/of/the/page`, { headers: { accept: "text/html" } });
  expect(page.status).toBe(200);
  expect(page.headers.get("content-type")).toContain("text/html");
  expect(await page.text()).toContain("The page");
  expect((await fetch(`${url}/api/nothing`)).status).toBe(404);
  const script = await fetch(`${url}/long.js`);
  expect(script.headers.get("content-type")).toContain("javascript");
  expect(script.headers.get("content-encoding")).toBe("gzip");
  const tag = script.headers.get("etag");
  expect(tag).toMatch(/^W\//);
  const again = await fetch(`${url}/long.js`, { headers: { "if-none-match": tag ?? "" } });
  expect(again.status).toBe(304);

  const headers = {
    "cf-connecting-ip": "9.9.9.9",
    "x-forwarded-for": "8.8.8.8",
    "mf-cf-blob": '{"clientIp":"7.7.7.7:1"}',
  };
  expect(await json(fetch(`${url}/api/hello`, { headers }))).toMatchObject({ greeting: "hello", address: "127.0.0.1" });
  const thrown = await fetch(`${url}/api/throw`, { headers: { accept: "text/html" } });
  expect(thrown.status).toBe(500);
  expect(await thrown.text()).not.toContain("secret");
  await server?.printed(/a secret detail/);
});

test("behind a proxy, the proxy says who calls and how", async () => {
  const { url } = await start({ TRUST_PROXY: "1" });
  const headers = {
    "x-forwarded-for": "8.8.8.8, 1.2.3.4:5000",
    "x-forwarded-proto": "https",
    "cf-connecting-ip": "9.9.9.9",
  };
  expect(await json(fetch(`${url}/api/hello`, { headers }))).toMatchObject({
    address: "1.2.3.4",
    url: `${url.replace("http:", "https:")}/api/hello`,
  });
  // The socket's own address is the proxy's, and stands for nobody.
  expect(await json(fetch(`${url}/api/hello`, { headers: { "cf-connecting-ip": "9.9.9.9" } }))).toMatchObject({
    address: null,
  });
});

/** The first line of the answer to what is written to the server's port. */
function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.setEncoding("latin1").once("data", (answer: string) => {
      socket.destroy();
      resolve(answer.split("\r\n", 1)[0] ?? "");
    });
    socket.once("error", reject);
    socket.once("close", () => resolve(""));
  });
}

test("E8 a malformed request or a foreign host is answered with 4xx, and nothing of it is in the log", async () => {
  const { url, webSocketUrl } = await start();
  const port = Number(new URL(url).port);
  const printed = server?.output;
  for (const [target, host] of [
    ["GET /api/hello", "a b"],
    ["GET /api/hello", "[::"],
    ["GET /api/hello", "evil.example"],
    ["GET http://localhost/api/hello", "localhost"],
    ["OPTIONS *", "localhost"],
    ["POST /api/hello", "localhost\r\nConnection: upgrade\r\nUpgrade: websocket"],
  ]) {
    expect(await sendRaw(port, `${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).toMatch(/^HTTP\/1.1 4\d\d /);
  }
  // The runtime answers these before any Worker sees them.
  await sendRaw(port, "CONNECT localhost:1 HTTP/1.1\r\nHost: localhost:1\r\n\r\n");
  for (const header of ["Content-Length: -1", "Content-Length: 1, 2", "Transfer-Encoding: gzip"]) {
    await sendRaw(port, `POST /api/hello HTTP/1.1\r\nHost: localhost\r\n${header}\r\n\r\n`);
  }
  // The log is in order: what it says of the above comes before this.
  const socket = await open(`${webSocketUrl}/api/socket`);
  socket.close();
  await fetch(`${url}/api/throw`);
  await server?.printed(/a secret detail/);
  expect(server?.output.slice(printed?.length).split("\n")[0]).toContain("a secret detail");
});

test("a port in use is one line and exit code 1", async () => {
  const taken = createServer();
  const port = await new Promise<number>((resolve) => {
    taken.listen(0, "127.0.0.1", () => {
      const address = taken.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  try {
    await expect(TestServer.start({ config: project.config, port })).rejects.toThrow(
      `ended with 1 before it served:\nroomcast: Port ${port} on localhost is in use. Choose another with --port or PORT.\n`,
    );
  } finally {
    taken.close();
  }
});

test("a second server on the same data is one line that names the folder and the process, and exit code 1", async () => {
  const first = await start();
  const { dataDir } = first;
  await expect(TestServer.start({ config: project.config, dataDir })).rejects.toThrow(
    `ended with 1 before it served:\nroomcast: The data folder ${dataDir} is in use by another server (process ${first.pid}). ` +
      "Stop that one, or choose another folder with --data-dir or DATA_DIR.\n",
  );
  expect((await fetch(`${first.url}/api/count`)).status).toBe(200);
});

test("workerd that crashes comes back on the same port, with what it had acknowledged, and a client resumes", async () => {
  const { url, webSocketUrl } = await start();
  expect(await json(fetch(`${url}/api/count`))).toEqual({ sum: 1 });
  const before = await open(`${webSocketUrl}/api/socket`);
  const closed = new Promise((resolve) => before.addEventListener("close", resolve, { once: true }));
  expect(server?.killRuntime()).toBe(true);
  await closed;
  // As a client does it: again until it is there.
  await expect.poll(() => json(fetch(`${url}/api/count`)).catch(() => "refused")).toEqual({ sum: 2 });
  const socket = await open(`${webSocketUrl}/api/socket`);
  const echoed = new Promise((resolve) => socket.addEventListener("message", ({ data }) => resolve(data)));
  socket.send("again");
  expect(await echoed).toBe("again");
  expect(server?.output).toMatch(/roomcast: workerd ended by SIGKILL; starting it again\./);
  expect(await server?.signal("SIGTERM")).toBe(0);
});

test("a stop lets an answer under way finish, and ends in bounded time while a socket is open", async () => {
  const { url, webSocketUrl } = await start();
  const slow = fetch(`${url}/api/slow`).then((response) => response.text());
  await server?.printed(/slow begins/);
  expect(await server?.signal("SIGTERM")).toBe(0);
  expect(await slow).toBe("slow");
  expect(server?.output).not.toContain("crashed");

  await server?.restart();
  const first = await open(`${webSocketUrl}/api/socket`);
  const closed = new Promise((resolve) => first.addEventListener("close", resolve));
  expect(await server?.signal("SIGINT")).toBe(0);
  await closed;
});

test("a second signal ends it at once", async () => {
  const { webSocketUrl } = await start();
  await open(`${webSocketUrl}/api/socket`);
  expect(await server?.signal("SIGTERM", "SIGTERM")).toBe(1);
});

test("workerd does not outlive a killed command", async () => {
  const { url } = await start();
  expect((await fetch(`${url}/api/count`)).status).toBe(200);
  await server?.kill9Parent();
  await expect
    .poll(() =>
      fetch(url).then(
        () => "served",
        () => "refused",
      ),
    )
    .toBe("refused");
  await server?.restart();
  expect(await json(fetch(`${url}/api/count`))).toEqual({ sum: 2 });
});

test("rooms whose -wal file is missing after a crash are not served empty: the server names the file and does not start", async () => {
  const { url, dataDir } = await start();
  expect(await json(fetch(`${url}/api/count`))).toEqual({ sum: 1 });
  // The record names each log a moment after it was first written.
  const record = join(dataDir, "roomcast.logs.json");
  const unrecorded = async (): Promise<readonly string[]> => {
    const recorded = existsSync(record) ? await readFile(record, "utf8") : "";
    const names = (await readdir(join(dataDir, "do"), { recursive: true })).filter((name) =>
      name.endsWith(".sqlite-wal"),
    );
    return names.filter((name) => !recorded.includes(name.split("/").at(-1)?.replace(".sqlite-wal", "") ?? name));
  };
  await expect.poll(unrecorded).toEqual([]);
  await server?.kill9();
  const files = await readdir(join(dataDir, "do"), { recursive: true });
  const logs = files.filter((name) => name.endsWith("-wal")).map((name) => join(dataDir, "do", name));
  expect(logs).not.toEqual([]);
  for (const log of logs) await rename(log, `${log}.away`);
  for (const name of files) if (name.endsWith("-shm")) await rm(join(dataDir, "do", name));
  await expect(server?.restart()).rejects.toThrow(
    /ended with 1 before it served:\nroomcast: The data folder \S+ lacks do\/\S+-wal\b.* --accept-data-loss\.\n$/,
  );
  for (const log of logs) await rename(`${log}.away`, log);
  await server?.restart();
  expect(await json(fetch(`${url}/api/count`))).toEqual({ sum: 2 });
});

test("a server that npm started ends with npm, although no signal reaches it", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "roomcast-test-"));
  // As npm does it: a shell, whose end the command only notices.
  const command = `"${process.execPath}" src/cli/main.ts start --config "${project.config}" --port 0 --data-dir "${dataDir}" --build "echo built"; true`;
  const shell = spawn("sh", ["-c", command], {
    cwd: ROOT,
    env: { ...process.env, npm_lifecycle_event: "start" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  const url = await new Promise<string>((resolve) => {
    shell.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      const found = /Serving on (\S+)/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  expect(output).toMatch(/^built\n/);
  // The server holds the pipe until it ends, which is after it has written to its data folder for the last time.
  const ended = once(shell, "close");
  shell.kill("SIGKILL");
  await expect
    .poll(() =>
      fetch(url).then(
        () => "served",
        () => "refused",
      ),
    )
    .toBe("refused");
  await ended;
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});
