/** What a server process tells the orchestrator once it listens. */
export interface Announcement {
  readonly port: number;
}

/** Tells it, and ends this process when the orchestrator goes away. */
export function announce(port: number, stop: () => Promise<void> = async () => undefined): void {
  const end = (): void => {
    void stop().finally(() => process.exit(0));
  };
  process.on("disconnect", end);
  process.on("SIGTERM", end);
  process.on("SIGINT", () => undefined);
  const announcement: Announcement = { port };
  process.send?.(announcement);
}
