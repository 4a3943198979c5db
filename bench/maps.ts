import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startServer, type RunningServer } from "../src/cli/serve.ts";
import { Person } from "./maps/person.ts";
import { cpuSecondsOf } from "./processes.ts";
import { percentile, spread } from "./report/stats.ts";

/** How long people move before they are counted, and how long they are counted, in milliseconds. */
const WARM_UP = 2_000;
const MEASURED = 10_000;
/** How often each of them moves: a device tells its place about once a second, a pointer far more often. */
const MOVES_A_SECOND = 4;
const GEOJSON = { "content-type": "application/geo+json" };

const { values } = parseArgs({
  options: {
    features: { type: "string", default: "10000" },
    people: { type: "string", default: "200" },
    runs: { type: "string", default: "5" },
  },
});
const FEATURES = Number(values.features);
const PEOPLE = Number(values.people);
const RUNS = Number(values.runs);

const dataDir = mkdtempSync(join(tmpdir(), "roomcast-bench-maps-"));
const config = fileURLToPath(new URL("maps/wrangler.jsonc", import.meta.url));
const start = (): Promise<RunningServer> => startServer({ config, host: "127.0.0.1", port: 0, dataDir });
const portOf = (server: RunningServer): number => Number(new URL(server.url).port);

let server = await start();
try {
  await measureFeatures();
  await measurePeople();
} finally {
  await server.close();
  rmSync(dataDir, { recursive: true, force: true });
}

/** Load, wake, and one more pin. */
async function measureFeatures(): Promise<void> {
  const body = JSON.stringify({ type: "FeatureCollection", features: Array.from({ length: FEATURES }, featureOf) });
  const imports: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    imports.push(await timed(() => ask(`/map/many${run}/import`, { method: "POST", body, headers: GEOJSON })));
  }
  say(`import of ${FEATURES} features (${mib(body.length)} of GeoJSON)`, imports);

  // Loads the Worker's code after the restart, so that only the room is timed.
  await server.close();
  server = await start();
  await (await Person.join(portOf(server), "nobody")).leave();
  const [cold, warm, empty, one] = [[], [], [], []] as [number[], number[], number[], number[]];
  for (let run = 0; run < RUNS; run += 1) {
    const map = `many${run}`;
    const person = await joined(map, cold);
    const second = await joined(map, warm);
    await addPins(person, one);
    const other = await Person.join(portOf(server), `few${run}`);
    await addPins(other, empty);
    for (const each of [person, second, other]) await each.leave();
  }
  say("wake: connect to whole snapshot, read from disk", cold);
  say("load: connect to whole snapshot, awake", warm);
  say(`one more pin, of ${FEATURES}: sent to came back`, one);
  say("one more pin, of a few", empty);
}

async function joined(map: string, times: number[]): Promise<Person> {
  let person: Person | undefined;
  times.push(
    await timed(async () => {
      person = await Person.join(portOf(server), map);
    }),
  );
  if (person === undefined) throw new Error("Nobody joined.");
  return person;
}

/** The first is left out: it is the first of a connection, and of a client that the room has to learn. */
async function addPins(person: Person, times: number[]): Promise<void> {
  for (let pin = 0; pin < 21; pin += 1) {
    const took = await timed(() =>
      person.change({ type: "addFeature", feature: { ...pinAt(pin), title: `New ${pin}` } }),
    );
    if (pin > 0) times.push(took);
  }
}

/** Many people who all move, and what that costs each of them, and the room. */
async function measurePeople(): Promise<void> {
  const map = "crowd";
  const people: Person[] = [];
  for (let n = 0; n < PEOPLE; n += 1) people.push(await Person.join(portOf(server), map, presenceOf(n, 0)));
  let step = 0;
  let moved = 0;
  const move = (n: number): void => {
    people[n]?.show(presenceOf(n, step));
    moved += 1;
  };
  // Spread over the interval, as people are.
  const timers = people.map((_, n) => {
    let timer = setTimeout(
      function again() {
        move(n);
        step += 1;
        timer = setTimeout(again, 1_000 / MOVES_A_SECOND);
      },
      (n / PEOPLE) * (1_000 / MOVES_A_SECOND),
    );
    return () => clearTimeout(timer);
  });
  await sleep(WARM_UP);
  const rows = async (): Promise<number> =>
    ((await (await ask(`/counts/${map}`)).json()) as { rowsWritten: number }).rowsWritten;
  const before = { rows: await rows(), cpu: cpu(), moved, heard: people.map(({ heard }) => ({ ...heard })) };
  const began = performance.now();
  await sleep(MEASURED);
  const seconds = (performance.now() - began) / 1_000;
  const frames = people.map(({ heard }, n) => (heard.frames - (before.heard[n]?.frames ?? 0)) / seconds);
  const bytes = people.map(({ heard }, n) => (heard.bytes - (before.heard[n]?.bytes ?? 0)) / seconds);
  const busy = (cpu() - before.cpu) / seconds;
  const written = (await rows()) - before.rows;
  for (const stop of timers) stop();
  const [each, size] = [spread(frames), spread(bytes)];
  print(
    `${PEOPLE} people, each moving ${((moved - before.moved) / seconds / PEOPLE).toFixed(1)} times a second, for ${seconds.toFixed(0)} s:`,
  );
  print(`  frames a second and client   ${each.median.toFixed(2)} (${each.min.toFixed(2)}-${each.max.toFixed(2)})`);
  print(`  KiB a second and client      ${kib(size.median)} (${kib(size.min)}-${kib(size.max)})`);
  print(`  rows written                 ${written}`);
  print(`  workerd, share of one core   ${(busy * 100).toFixed(0)} %`);
  await Promise.all(people.map((person) => person.leave()));
}

function featureOf(_: unknown, n: number): object {
  const properties = {
    title: `Place number ${n}`,
    color: "#0088ff",
    icon: "pin",
    note: "What is to be said about it.",
  };
  return { type: "Feature", ...pinAt(n), properties };
}

function pinAt(n: number): { readonly geometry: object } {
  const coordinates = [((n * 37.123_457) % 360) - 180, ((n * 17.765_431) % 170) - 85];
  return { geometry: { type: "Point", coordinates } };
}

function presenceOf(n: number, step: number): object {
  const location = { lng: 2.3 + n / 1_000 + step / 1e6, lat: 48.8 + n / 2_000, accuracy: 12, heading: step % 360 };
  return { name: `Person ${n}`, color: "#0088ff", location, cursor: [2.3 + step / 1e5, 48.85] };
}

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(server.url.replace(/\/$/, "") + path, init);
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return response;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function cpu(): number {
  return server.pid === undefined ? Number.NaN : cpuSecondsOf(server.pid);
}

function say(what: string, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  const [low, middle, high] = [0, 0.5, 1].map((share) => percentile(sorted, share).toFixed(2));
  print(`${what}: ${middle} ms (${low}-${high}, ${times.length} times)`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function mib(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

function kib(bytes: number): string {
  return (bytes / 1024).toFixed(1);
}
