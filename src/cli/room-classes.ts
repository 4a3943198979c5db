/**
 * What of a configuration's classes will keep rooms from working, a sentence for each: rooms keep their data in SQLite, which
 * a class has only when a migration says so.
 */
export function classProblems(config: unknown): readonly string[] {
  const bindings = list(member(member(config, "durable_objects"), "bindings"));
  const migrations = list(member(config, "migrations"));
  const declared = member(config, "exports");
  const named = (key: string): Set<unknown> => new Set(migrations.flatMap((migration) => list(member(migration, key))));
  const [sqlite, keyValue] = [named("new_sqlite_classes"), named("new_classes")];
  for (const migration of migrations) {
    for (const key of ["renamed_classes", "transferred_classes"]) {
      for (const change of list(member(migration, key))) {
        const [from, to] = [member(change, "from"), member(change, "to")];
        (keyValue.has(from) ? keyValue : sqlite).add(to);
      }
    }
  }
  return bindings.flatMap((binding) => {
    const [name, className] = [member(binding, "name"), member(binding, "class_name")];
    // A class of another Worker has its migrations there.
    if (typeof className !== "string" || typeof member(binding, "script_name") === "string") return [];
    if (sqlite.has(className) || member(declared, className) !== undefined) return [];
    const remedy = `List it under "new_sqlite_classes" in "migrations" of the wrangler configuration.`;
    return keyValue.has(className)
      ? [
          `The class ${className} (binding ${String(name)}) is under "new_classes", without SQLite, so it cannot be a room. ${remedy}`,
        ]
      : [`The class ${className} (binding ${String(name)}) is in no migration, so it cannot be a room. ${remedy}`];
  });
}

function member(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}
