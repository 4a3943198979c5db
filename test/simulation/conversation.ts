import { chat } from "./actors/chat.ts";
import { document } from "./actors/document.ts";
import { map } from "./actors/map.ts";
import type { Script } from "./actors/script.ts";
import { stream } from "./actors/stream.ts";
import { tally } from "./actors/tally.ts";
import { checkEverything } from "./checks/everything.ts";
import type { SimulatedObject } from "./object.ts";
import { type Outcome, permissions, Person } from "./person.ts";
import type { Plan, Step } from "./plan.ts";
import { Chance } from "./random.ts";
import { SimpleClient } from "./simple-client.ts";
import { World } from "./world.ts";

const SCRIPTS = { document, chat, map, stream, tally } as unknown as Readonly<Record<Plan["kind"], Script>>;

/** Long enough for every pause of a client, every sweep of a room, and every retry of either. */
const SETTLE_MS = 15 * 60_000;

/** Long enough for the jobs of an alarm that was lost, however slow the bucket is. */
const AFTER_WAKE_MS = 5 * 60_000;

const ROOM = "room";

/** A write over HTTP, sent again under its key until it is answered. */
export interface Request {
  readonly token: string;
  readonly key: string;
  result: "open" | "applied" | { readonly status: number };
}

/** One conversation: people, a room, and what chance does to them. */
export class Conversation {
  readonly plan: Plan;
  readonly script: Script;
  readonly world: World;
  readonly people: Person[] = [];
  readonly simple: SimpleClient[] = [];
  readonly outcomes: Outcome[] = [];
  readonly requests: Request[] = [];
  readonly room: SimulatedObject;
  /** The history was replaced by a state that no log holds. */
  restored = false;
  #tokens = 0;
  #deployed = false;

  constructor(plan: Plan) {
    this.plan = plan;
    this.script = SCRIPTS[plan.kind];
    this.world = new World({
      seed: plan.seed,
      retention: plan.retention,
      limits: {},
      archived: plan.archived,
    });
    this.room = this.world.object(this.script.binding, ROOM);
  }

  /** Resolves with what was wrong; with nothing when everything held. */
  async run(): Promise<readonly string[]> {
    const { plan, world } = this;
    const chance = new Chance(plan.seed, "people");
    world.latency = chance.pick([0.5, 5, 40]);
    try {
      for (let n = 0; n < plan.people; n += 1) this.#arrive(chance);
      await world.timeline.run(chance.pick([0, 5, 500]));
      for (const step of plan.steps) {
        await world.timeline.run(step.wait);
        this.#perform(step, new Chance(step.salt));
      }
      await world.timeline.run(chance.pick([0, 100, 30_000]));
      await this.#heal();
      return [...world.faults, ...(await checkEverything(this))];
    } finally {
      for (const person of this.people) if (!person.left) person.leave();
      await world.timeline.run(1_000);
      world.end();
    }
  }

  get here(): readonly Person[] {
    return this.people.filter(({ left }) => !left);
  }

  #arrive(chance: Chance): void {
    const { world, script } = this;
    const name = `person-${this.people.length}`;
    // Some have the new code before the room has.
    const isNew = this.#deployed || (this.plan.theme === "deploy" && chance.happens(0.15));
    const person = new Person({ name, world, script, room: ROOM, chance, isNew });
    this.people.push(person);
    if (chance.happens(0.6)) this.#present(person, chance);
    else if (chance.happens(0.5)) person.handle.presence?.subscribe(() => {});
  }

  #present(person: Person, chance: Chance): void {
    const token = this.#token();
    person.show(this.script.presence(chance, token), token);
  }

  #token(): string {
    this.#tokens += 1;
    return `token-${this.#tokens}`;
  }

  #perform(step: Step, chance: Chance): void {
    const { plan, world, room, script, here } = this;
    const person = here.length === 0 ? undefined : chance.pick(here);
    const links = [...world.links];
    switch (step.do) {
      case "mutate":
        if (person !== undefined) this.outcomes.push(person.mutate(script, chance, this.#token(), plan.filler));
        break;
      case "burst":
        if (person !== undefined) {
          const mutations = Array.from({ length: chance.between(3, 12) }, () => this.#token());
          this.outcomes.push(...mutations.map((token) => person.mutate(script, chance, token, plan.filler)));
        }
        break;
      case "flood":
        this.#flood(chance);
        break;
      case "large":
        if (person !== undefined && script.large !== undefined)
          this.outcomes.push(person.write(script.large(person.handle, this.#token(), chance.between(66_000, 110_000))));
        break;
      case "request":
        this.#request(chance);
        break;
      case "present":
        if (person !== undefined) this.#present(person, chance);
        break;
      case "leave-roster":
        person?.hide();
        break;
      case "cut":
        if (links.length > 0)
          chance.pick(links).cut(chance.pick(["both", "both", "client", "server", "neither"] as const));
        break;
      case "stall":
        if (links.length > 0) chance.pick(links).stall();
        break;
      case "resume":
        for (const link of links) link.resume();
        break;
      case "sleep":
        room.sleep();
        break;
      case "crash":
        if (chance.happens(0.2)) room.crash();
        else
          room.crashAt(
            chance.pick([{ at: "statement", after: chance.below(12) }, { at: "commit" }, { at: "committed" }]),
          );
        break;
      case "storage-fails":
        room.failStorage(
          chance.happens(0.7)
            ? { fails: "once", after: chance.below(10) }
            : { fails: "all", until: world.timeline.time + chance.between(1, 3_000) },
        );
        break;
      case "storage-full":
        room.failStorage({ fails: "writes", until: world.timeline.time + chance.between(100, 5_000) });
        break;
      case "clock":
        room.skew = chance.pick([0, -1, 1]) * chance.between(0, 120_000);
        break;
      case "alarm-lost":
        room.loseAlarm();
        break;
      case "alarm-late":
        room.alarmLateness = chance.between(0, 120_000);
        break;
      case "clear":
        this.#administer("DELETE", "", chance);
        break;
      case "save":
        this.#administer("POST", "/versions", chance, { name: "saved" });
        break;
      case "restore":
        this.#administer("POST", "/versions/saved/restore", chance);
        break;
      case "arrive":
        if (this.people.length < 8) this.#arrive(chance);
        break;
      case "depart":
        if (here.length > 1) person?.leave();
        break;
      case "pause":
        break;
      case "bucket":
        world.bucket.down = !world.bucket.down;
        break;
      case "history":
        void this.#read("/history");
        if (script.filtered !== undefined) void this.#read(script.filtered.path, script.filtered.isWithheld);
        break;
      case "peek":
        void this.#peek(chance);
        break;
      case "permit":
        if (person !== undefined) person.can = permissions(chance);
        break;
      case "deploy":
        this.#deploy(chance);
        break;
      case "simple":
        this.#simple(chance);
        break;
    }
  }

  /** Somebody stops reading, and meanwhile more is written than a window takes, unless chance has it end early. */
  #flood(chance: Chance): void {
    const { world, script } = this;
    const { large } = script;
    const links = [...world.links].filter(({ client }) => client !== "simple");
    if (large === undefined || links.length === 0) return;
    // The reader that has stalled before, if there is one.
    (links.find(({ stalled }) => stalled) ?? chance.pick(links)).stall();
    const writes = chance.between(6, 22);
    const pause = chance.pick([1, 5, 40]);
    for (let n = 0; n < writes; n += 1) {
      world.timeline.after(n * pause, () => {
        if (this.here.length === 0) return;
        const person = chance.pick(this.here);
        this.outcomes.push(person.write(large(person.handle, this.#token(), chance.between(80_000, 120_000))));
      });
    }
  }

  #simple(chance: Chance): void {
    const { simple } = this.script;
    if (simple.length === 0) return;
    const talking = this.simple.filter(({ open }) => open);
    if (talking.length === 0 || (this.simple.length < 4 && chance.happens(0.3))) {
      this.simple.push(new SimpleClient(this.world, chance.pick(simple), ROOM));
    } else {
      // Nobody is told whether it arrived, so nothing is expected of its token but that it is there once at the most.
      const token = this.#token();
      const client = chance.pick(talking);
      const text = client.format.write(chance, token);
      if (text === undefined) return;
      this.outcomes.push({ who: "simple", token, result: { code: "unknown" } });
      client.send(text);
    }
  }

  #administer(method: string, path: string, chance: Chance, body?: object): void {
    const { world, script } = this;
    const url = `http://rooms.test${script.path(ROOM)}${path}`;
    const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body), headers: JSON_BODY }) };
    if (path.endsWith("/restore")) this.restored = true;
    world.fetch(url, init, chance.happens(0.3) ? 0.3 : 0).catch(() => {});
  }

  #request(chance: Chance): void {
    const { world, script } = this;
    const token = this.#token();
    const { path, body } = script.request(chance, token);
    const request: Request = { token, key: `key-${token}`, result: "open" };
    this.requests.push(request);
    const mayRead = chance.happens(0.8);
    const url = `http://rooms.test${script.path(ROOM)}${path}${mayRead ? "" : "?can=write"}`;
    const headers = { ...JSON_BODY, "idempotency-key": request.key };
    const send = async (attempt: number): Promise<void> => {
      try {
        const response = await world.fetch(url, { method: "POST", body, headers }, attempt < 3 ? 0.4 : 0);
        const text = await response.text();
        const others = (text.match(/token-\d+/g) ?? []).some((found) => found !== token);
        if (!mayRead && others) world.faults.push(`A4: who may only write is answered: ${text.slice(0, 300)}`);
        if (response.ok) request.result = "applied";
        else if (response.status < 500) request.result = { status: response.status };
        else throw new Error(`status ${response.status}`);
      } catch {
        if (attempt < 20) world.timeline.after(200 * attempt, () => void send(attempt + 1));
      }
    };
    void send(1);
  }

  /** The room has other code when it ends, which every connection may outlive; clients of before load their page again. */
  #deploy(chance: Chance): void {
    if (this.#deployed) return;
    const { world, room } = this;
    this.#deployed = true;
    world.deploy();
    if (chance.happens(0.7) || !room.sleep()) room.crash();
    for (const person of this.here) {
      if (person.isNew) continue;
      world.timeline.after(chance.between(0, 5_000), () => {
        if (person.left) return;
        person.leave();
        this.#arrive(chance);
      });
    }
  }

  /** Reads with every permission but that one: nothing that was written may be in an answer. */
  async #peek(chance: Chance): Promise<void> {
    const { world, script } = this;
    const paths = ["", "/history", "/presence", "/versions", "/versions/saved", "/events", ...script.paths];
    for (const path of [chance.pick(paths), chance.pick(paths)]) {
      const url = `http://rooms.test${script.path(ROOM)}${path}`;
      const query = `${path.includes("?") ? "&" : "?"}can=${chance.pick(["", "write", "write,admin"])}`;
      const response = await world.fetch(url + query).catch(() => undefined);
      const text = (await response?.text()) ?? "";
      if (response?.ok === true || text.includes("token-"))
        world.faults.push(`A4: ${path} can be read without the permission: ${text.slice(0, 200)}`);
    }
  }

  async #read(path: string, isWrong?: (text: string) => boolean): Promise<void> {
    const { world, script } = this;
    const response = await world.fetch(`http://rooms.test${script.path(ROOM)}${path}`).catch(() => undefined);
    const text = (await response?.text()) ?? "";
    if (response !== undefined && response.status >= 500 && !this.#storageMayFail)
      world.faults.push(`Reading ${path} answered ${response.status}: ${text}`);
    if (response?.ok === true && isWrong?.(text) === true)
      world.faults.push(`${path} shows what it should not: ${text.slice(0, 300)}`);
  }

  get #storageMayFail(): boolean {
    return this.plan.steps.some(({ do: action }) => /storage|crash|bucket|deploy/.test(action));
  }

  /** H3: the alarm is set for the earliest task. */
  #checkAlarm(): void {
    const { disk } = this.room;
    const made = disk.sql.exec("SELECT 1 AS one FROM sqlite_master WHERE name = 'alarms'").toArray().length > 0;
    const next = made ? disk.sql.exec<{ at: number | null }>("SELECT min(at) AS at FROM alarms").one().at : null;
    if (next !== null && (disk.alarm === null || disk.alarm > next)) {
      this.world.faults.push(`H3: a task is planned for ${next}, and the alarm is set for ${disk.alarm}`);
    }
  }

  /** Everything works again, and stays so for as long as anything may take. */
  async #heal(): Promise<void> {
    const { world, room } = this;
    world.bucket.down = false;
    room.failStorage(undefined);
    room.crashAt(undefined);
    room.alarmLateness = 0;
    if (this.plan.theme === "deploy") this.#deploy(new Chance(this.plan.seed, "deploy"));
    for (const link of Array.from(world.links)) {
      // Simpler formats have no heartbeat to be missed.
      link.heal(link.client === "simple" || this.script.binding === "STREAMS");
    }
    await world.timeline.run(SETTLE_MS);
    if (!this.plan.steps.some(({ do: action }) => action === "alarm-lost")) this.#checkAlarm();
    // A wake brings back an alarm that was lost.
    room.sleep();
    room.call("roster", []).catch(() => {});
    await world.timeline.run(AFTER_WAKE_MS);
    // L4: whatever was stored before a deploy reads as today's code has it.
    if (this.#deployed)
      for (const path of ["/history?limit=1000", "/versions/saved"]) void this.#read(path, hasOldShape);
    await world.timeline.run(1_000);
  }
}

/** A tag that is a text, as before the deploy. */
function hasOldShape(text: string): boolean {
  return /"tags?":\[?"/.test(text);
}

const JSON_BODY = { "content-type": "application/json" };
