import { reset } from "cloudflare:test";
import { afterAll } from "vitest";

afterAll(() => reset());
