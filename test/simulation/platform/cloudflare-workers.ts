/** What rooms import from `cloudflare:workers`, where they run in Node. */
export class DurableObject<Env = unknown> {
  protected readonly ctx: unknown;
  protected readonly env: Env;

  constructor(ctx: unknown, env: Env) {
    this.ctx = ctx;
    this.env = env;
  }
}

/** The Worker's bindings, which in Node are passed to each request alone. */
export const env: Readonly<Record<string, unknown>> = {};
