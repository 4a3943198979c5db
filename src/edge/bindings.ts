import type { EdgeOptions, RoomNamespace } from "./options.ts";

/** A fault in how the Worker is set up. The message is for its log: it names the option, the binding and the remedy. */
export class SetupError extends Error {
  override readonly name = "SetupError";
}

/** One option that gives a binding, and what it is for. */
interface BindingOption<Env> {
  /** As written in the options, such as `documents` or `rooms.ticket`. */
  readonly option: string;
  readonly kind?: string;
  readonly of: (env: Env) => unknown;
  readonly type: "namespace" | "database";
}

function bindingOptions<Env>(options: EdgeOptions<Env>): readonly BindingOption<Env>[] {
  const { documents, chats, maps, streams, rooms = {}, rates, stats } = options;
  const all = [
    { option: "documents", kind: "document", of: documents },
    { option: "chats", kind: "chat", of: chats },
    { option: "maps", kind: "map", of: maps },
    { option: "streams", kind: "stream", of: streams },
    ...Object.entries(rooms).map(([kind, of]) => ({ option: `rooms.${kind}`, kind, of })),
    { option: "rates", of: rates },
    { option: "stats", of: stats, type: "database" as const },
  ];
  return all.flatMap(({ of, ...rest }) => (of === undefined ? [] : [{ type: "namespace" as const, ...rest, of }]));
}

/** The rooms of a kind. Throws a SetupError that names the binding when it is missing. */
export function namespaceOf<Env>(
  options: EdgeOptions<Env>,
  of: (env: Env) => RoomNamespace,
  kind: string,
  env: Env,
): RoomNamespace {
  const found: unknown = of(env);
  if (isNamespace(found)) return found;
  const option = bindingOptions(options).find((each) => each.kind === kind)?.option ?? kind;
  throw new SetupError(problemOf({ option, kind, of, type: "namespace" }, env));
}

/** What is missing of the bindings that the options name: a sentence for each. */
export function missingBindings<Env>(options: EdgeOptions<Env>, env: Env): readonly string[] {
  return bindingOptions(options)
    .filter(({ of, type }) => {
      const found = attempt(() => of(env));
      return type === "namespace" ? !isNamespace(found) : typeof found !== "object" || found === null;
    })
    .map((each) => problemOf(each, env));
}

function problemOf<Env>({ option, kind, of, type }: BindingOption<Env>, env: Env): string {
  const read = new Set<string>();
  // Shows which bindings the option asks for.
  const recording = new Proxy(Object(env) as object, {
    get(target, key): unknown {
      if (typeof key === "string") read.add(key);
      return Reflect.get(target, key);
    },
  });
  attempt(() => of(recording as Env));
  const names = [...read];
  const asked = names.length === 0 ? "no binding" : names.map((name) => `env.${name}`).join(", ");
  const purpose = kind === undefined ? "" : ` for rooms of kind "${kind}"`;
  const name = names[0] ?? "<name>";
  const remedy =
    type === "database"
      ? `Add a D1 database with "binding": "${name}" to "d1_databases" in wrangler.jsonc.`
      : `Add { "name": "${name}", "class_name": "<your class>" } to "durable_objects.bindings" in wrangler.jsonc, export the class from ` +
        `the Worker, and list it under "new_sqlite_classes" in "migrations".`;
  const wanted = type === "database" ? "database" : "Durable Object namespace";
  return `The option "${option}" gives no ${wanted}${purpose}: it reads ${asked}. ${remedy}`;
}

function isNamespace(value: unknown): value is RoomNamespace {
  return (
    typeof value === "object" && value !== null && typeof (value as Partial<RoomNamespace>).getByName === "function"
  );
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
