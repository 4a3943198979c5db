import type { Browser } from "@playwright/test";
import { afterAll, afterEach, beforeAll } from "vitest";
import { launchBrowser } from "./browser.ts";
import { Person, type PersonOptions } from "./person.ts";
import { TestServer, type TestServerOptions } from "./server.ts";

/** A server, a browser and people at the server's pages, for the tests of one file. */
export class Company {
  /** Those who are there in the test that runs. */
  readonly people: Person[] = [];
  #server: TestServer | undefined;
  #browser: Browser | undefined;

  /** Starts both before the file's tests and ends them after; people leave after each test, which fails by their faults. */
  static gather(options: TestServerOptions = {}): Company {
    const company = new Company();
    beforeAll(async () => {
      // One after the other: where one fails, the other is known to `afterAll`.
      company.#browser = await launchBrowser();
      company.#server = await TestServer.start(options);
    });
    afterAll(async () => {
      await company.#browser?.close();
      await company.#server?.stop();
    });
    afterEach(() => company.#part());
    return company;
  }

  get server(): TestServer {
    if (this.#server === undefined) throw new Error("The server has not started yet.");
    return this.#server;
  }

  async somebody(options: PersonOptions = {}): Promise<Person> {
    if (this.#browser === undefined) throw new Error("The browser has not started yet.");
    const person = await Person.meet(this.#browser, options);
    this.people.push(person);
    return person;
  }

  async #part(): Promise<void> {
    const people = this.people.splice(0);
    await Promise.all(people.map((person) => person.leave()));
    const faults = people.flatMap((person) => person.faults);
    if (faults.length > 0) throw new Error(`The page failed: ${faults.join("; ")}`);
  }
}
