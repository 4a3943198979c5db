import { type Browser, type BrowserContext, type Locator, type Page, type WebSocketRoute } from "@playwright/test";
import type { Json } from "../../src/protocol/json.ts";

export interface PersonOptions {
  readonly name?: string;
  readonly colorScheme?: "light" | "dark";
  readonly size?: { readonly width: number; readonly height: number };
  /** Device pixels to one of the page; 1 unless told otherwise. */
  readonly pixels?: number;
}

/** How long one step in a page may take. Only a failing test waits so long. */
const ACTION_TIMEOUT_MS = 15_000;

/** Somebody at the demo page, in a browser profile of their own. */
export class Person {
  readonly page: Page;
  /** What the page threw or logged as an error. */
  readonly faults: string[] = [];
  readonly #context: BrowserContext;
  readonly #sockets = new Set<WebSocketRoute>();

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
  }

  static async meet(browser: Browser, options: PersonOptions = {}): Promise<Person> {
    const context = await browser.newContext({
      reducedMotion: "reduce",
      colorScheme: options.colorScheme ?? "light",
      viewport: options.size ?? { width: 1280, height: 800 },
      deviceScaleFactor: options.pixels ?? 1,
    });
    context.setDefaultTimeout(ACTION_TIMEOUT_MS);
    if (options.name !== undefined) {
      await context.addInitScript((name) => {
        localStorage.setItem("roomcast:me", JSON.stringify({ name, hue: 1 }));
      }, options.name);
    }
    const person = new Person(context, await context.newPage());
    person.page.on("pageerror", (error) => person.faults.push(error.message));
    // Through the test, so that the test can cut it: a browser keeps open sockets when it is told to be offline.
    await context.routeWebSocket(/\/ws(\?|$)/, (socket) => {
      socket.connectToServer();
      person.#sockets.add(socket);
    });
    return person;
  }

  /** Opens a document's page and waits until it is live. */
  async open(url: string, id: string, view: "form" | "json" = "form"): Promise<void> {
    await this.page.goto(`${url}/d/${encodeURIComponent(id)}${view === "json" ? "#json" : ""}`);
    await this.status("Live");
  }

  /** Opens a chat's page and waits until it is live. */
  async openChat(url: string, id: string): Promise<void> {
    await this.page.goto(`${url}/chat/${encodeURIComponent(id)}`);
    await this.status("Live");
  }

  /** Resolves when the connection says so. */
  async status(text: string | RegExp): Promise<void> {
    try {
      await this.page.getByTestId("status").filter({ hasText: text }).waitFor();
    } catch (cause) {
      const shown = await this.page.locator("body").innerText();
      throw new Error(`The page does not say ${String(text)}. It says: ${shown.slice(0, 500)}`, { cause });
    }
  }

  /** The input of a field, by its label, such as `team › #1 › name`. */
  field(label: string): Locator {
    return this.page.getByRole("textbox", { name: label, exact: true });
  }

  /** Resolves when a field shows a text. */
  async sees(label: string, text: string): Promise<void> {
    await this.page.waitForFunction(
      ([name, wanted]) =>
        [...document.querySelectorAll("textarea")].some(
          (field) => field.getAttribute("aria-label") === name && field.value === wanted,
        ),
      [label, text] as const,
    );
  }

  /** What the form shows, by label. */
  shown(): Promise<Record<string, string>> {
    return this.page.evaluate(() =>
      Object.fromEntries(
        [...document.querySelectorAll("textarea")].map((field) => [
          field.getAttribute("aria-label") ?? "",
          field.value,
        ]),
      ),
    );
  }

  /** The text of the JSON view, read as JSON; undefined while it is none. Short texts only: an editor draws what is in view. */
  async json(): Promise<Json | undefined> {
    const lines = await this.page.locator(".cm-line").allTextContents();
    const names = await this.page.locator(".peer-caret").allTextContents();
    const text = names.reduce((rest, name) => rest.replace(name, ""), lines.join("\n"));
    try {
      return JSON.parse(text) as Json;
    } catch {
      return undefined;
    }
  }

  async goOffline(): Promise<void> {
    await this.#context.setOffline(true);
    await this.dropConnections();
    await this.status("Offline");
  }

  async comeBack(): Promise<void> {
    await this.#context.setOffline(false);
    await this.status("Live");
  }

  /** Cuts the sockets, as a network does: nobody says goodbye. */
  async dropConnections(): Promise<void> {
    const sockets = [...this.#sockets];
    this.#sockets.clear();
    await Promise.all(sockets.map((socket) => socket.close({ code: 1012 })));
  }

  async leave(): Promise<void> {
    await this.#context.close();
  }
}
