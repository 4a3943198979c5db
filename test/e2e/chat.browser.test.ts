import { afterEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { expectAccessible } from "../harness/axe.ts";
import { message, texts, write } from "../harness/chat.ts";
import { Company } from "../harness/company.ts";
import type { PersonOptions } from "../harness/person.ts";

// The chat's page, with others in the room who speak the formats that existing clients speak.

interface Dialed {
  readonly socket: WebSocket;
  readonly got: string[];
}

const MODERATOR_KEY = "a-key-of-the-moderators";

/** Behind a proxy, as the tests are where they name an address. Who comes without one is not counted. */
const company = Company.gather({
  env: { TRUST_PROXY: "1", CLOUDFLARE_INCLUDE_PROCESS_ENV: "true", MODERATOR_KEY },
});
const sockets: WebSocket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
});

/** A client that knows nothing of this project: what it was sent, in order. */
async function dial(path: string, headers: Record<string, string> = {}): Promise<Dialed> {
  const socket = new WebSocket(company.server.webSocketUrl + path, { headers });
  sockets.push(socket);
  const got: string[] = [];
  socket.on("message", (data: Buffer) => got.push(data.toString()));
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return { socket, got };
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => String(from + i));

test("three wire formats in one room: a wide screen, a phone, a line client and a JSON client", async () => {
  const phone: PersonOptions = { name: "Ben", colorScheme: "dark", size: { width: 390, height: 844 } };
  const [ana, ben] = await Promise.all([company.somebody({ name: "Ana" }), company.somebody(phone)]);
  await Promise.all([ana.openChat(company.server.url, "meet"), ben.openChat(company.server.url, "meet")]);
  const line = await dial("/chat/meet?name=Lin");
  const json = await dial("/api/room/meet/websocket");
  json.socket.send(JSON.stringify({ name: "<b>Eve</b>" }));
  const roster = ana.page.getByRole("complementary").getByRole("listitem");
  await roster.filter({ hasText: "<b>Eve</b>" }).waitFor();
  await Promise.all(["Ben", "Lin"].map((name) => roster.filter({ hasText: name }).waitFor()));

  await write(ana.page, "hello from Ana, see https://a.example/x.");
  await message(ana.page, "hello from Ana").getByText("Sent").waitFor();
  line.socket.send("hello from Lin");
  json.socket.send(JSON.stringify({ message: '<img src=x onerror="document.title=1"> <script>x</script>' }));
  for (const { page } of [ana, ben]) {
    await message(page, "hello from Ana").waitFor();
    await message(page, "hello from Lin").getByText("Lin", { exact: true }).waitFor();
    await message(page, "<img src=x").getByText("<b>Eve</b>").waitFor();
    expect(await page.locator(".log").locator("b, img, script").count()).toBe(0);
  }
  await expect.poll(() => line.got).toContain("Ana: hello from Ana, see https://a.example/x.");
  await expect
    .poll(() => json.got.map((frame) => JSON.parse(frame) as { name?: string; message?: string }))
    .toContainEqual(expect.objectContaining({ name: "Lin", message: "hello from Lin" }));

  const link = message(ben.page, "hello from Ana").getByRole("link");
  expect(await link.evaluate((a) => [a.textContent, a.getAttribute("href"), a.getAttribute("rel")])).toEqual([
    "https://a.example/x",
    "https://a.example/x",
    "noopener noreferrer nofollow",
  ]);

  // Answers, reactions, edits and deletions reach the others where they stand.
  await message(ben.page, "hello from Ana").hover();
  await ben.page.getByRole("button", { name: "React", exact: true }).click();
  await ben.page.getByRole("button", { name: "heart", exact: true }).click();
  await message(ana.page, "hello from Ana").getByRole("button", { name: "heart, 1: Ben" }).click();
  await message(ben.page, "hello from Ana")
    .getByRole("button", { name: /heart, 2/ })
    .waitFor();
  await message(ben.page, "hello from Lin").hover();
  await ben.page.getByRole("button", { name: "Reply", exact: true }).click();
  await ben.page.keyboard.type("an answer");
  await ana.page.getByText("Ben is typing").waitFor();
  await ben.page.keyboard.press("Enter");
  await message(ana.page, "an answer").getByRole("button", { name: "In reply to Lin hello from Lin" }).waitFor();
  await ana.page.getByText("Ben is typing").waitFor({ state: "detached" });
  await ben.page.keyboard.press("ArrowUp");
  await ben.page.keyboard.type(", edited");
  await ben.page.keyboard.press("Enter");
  await message(ana.page, "an answer, edited").getByText("(edited)").waitFor();
  await message(ben.page, "an answer, edited").hover();
  await ben.page.getByRole("button", { name: "More", exact: true }).click();
  await ben.page.getByRole("button", { name: "Delete", exact: true }).click();
  await ben.page.getByRole("button", { name: "Delete the message" }).click();
  await message(ana.page, "Message deleted").waitFor();
  expect(await message(ana.page, "an answer").count()).toBe(0);
  json.socket.close();
  await roster.filter({ hasText: "<b>Eve</b>" }).waitFor({ state: "detached" });

  // Nothing that axe finds wrong: in the light on the wide screen, in the dark on the phone.
  const wide = async (): Promise<void> => {
    const { page } = ana;
    await message(page, "hello from Lin").hover();
    await page.getByRole("button", { name: "Reply", exact: true }).click();
    await page.getByRole("button", { name: "React", exact: true }).click();
    await expectAccessible(page, "a reaction, a reply, the picker");
  };
  const narrow = async (): Promise<void> => {
    const { page } = ben;
    await page.getByRole("button", { name: /Rooms and people/ }).click();
    await expectAccessible(page, "the drawer");
    await page.keyboard.press("Escape");
    await ben.goOffline();
    await write(page, "waits");
    await expectAccessible(page, "offline, with a message that waits");
  };
  await Promise.all([wide(), narrow()]);
});

test("away for a while of busy talk: every message is there, in order, once, one's own among them", async () => {
  const [ana, ben] = await Promise.all([company.somebody({ name: "Ana" }), company.somebody({ name: "Ben" })]);
  await Promise.all([ana.openChat(company.server.url, "busy"), ben.openChat(company.server.url, "busy")]);
  const line = await dial("/chat/busy?name=Lin");
  for (const number of numbers(1, 20)) line.socket.send(number);
  await message(ana.page, "20").waitFor();
  await ana.goOffline();
  for (const number of numbers(21, 170)) line.socket.send(number);
  await write(ana.page, "from the tunnel");
  await message(ana.page, "from the tunnel").getByText("On its way").waitFor();
  await message(ben.page, "170").waitFor();
  // Cut again in the middle of the return.
  const back = ana.comeBack();
  await ana.dropConnections();
  await back;
  await message(ana.page, "from the tunnel").getByText("Sent").waitFor();
  await message(ben.page, "from the tunnel").waitFor();
  const wanted = [...numbers(1, 170), "from the tunnel"];
  expect(await texts(ana.page)).toEqual(wanted);
  expect(await texts(ben.page)).toEqual(wanted);
  await ana.page.getByRole("article", { name: /^Ana/ }).waitFor();
  // Those who are few see who has read what they said last.
  await ana.page.getByText("Seen by Ben").waitFor();
});

test("earlier messages come as one scrolls, and the line that one reads stays where it is", async () => {
  const line = await dial("/chat/long?name=Lin");
  for (const number of numbers(1, 250)) line.socket.send(number);
  await expect.poll(() => line.got.length).toBeGreaterThan(250);
  const { page } = await company.somebody({ name: "Ana" });
  await page.goto(`${company.server.url}/chat/long`);
  await message(page, "250").waitFor();
  expect((await texts(page))[0]).toBe("151");
  // More comes between the list's going to its end and the event that says so: who is at the end stays there.
  const left = await page.locator(".log").evaluate(async (log) => {
    const more = document.createElement("p");
    more.style.height = "300px";
    log.firstElementChild?.append(more);
    log.dispatchEvent(new Event("scroll"));
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const rest = log.scrollHeight - log.scrollTop - log.clientHeight;
    more.remove();
    return rest;
  });
  expect(left).toBeLessThan(2);
  // Near the top the page before is fetched: the line at the top of the view must not move by it.
  const moved = await page.locator(".log").evaluate(async (log) => {
    const line = [...log.querySelectorAll<HTMLElement>("[data-key]")][10];
    if (line === undefined) throw new Error("No line.");
    line.scrollIntoView({ block: "start" });
    const top = line.getBoundingClientRect().top;
    const before = log.querySelectorAll("[data-key]").length;
    await new Promise<void>((resolve) => {
      new MutationObserver((_, observer) => {
        if (log.querySelectorAll("[data-key]").length <= before) return;
        observer.disconnect();
        requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
      }).observe(log, { childList: true, subtree: true });
    });
    return Math.abs(line.getBoundingClientRect().top - top);
  });
  expect(moved).toBeLessThan(2);
  await page.getByRole("button", { name: "To the latest" }).waitFor();
  await page.locator(".log").evaluate((log) => {
    log.scrollTop = 0;
  });
  await page.getByText("This is where the room begins.").waitFor();
  expect(await texts(page)).toEqual(numbers(1, 250));
  // What comes meanwhile is counted, and does not drag the reader away.
  line.socket.send("251");
  await page.getByRole("button", { name: "1 new message" }).click();
  await message(page, "251").waitFor();
  await page.getByText("New", { exact: true }).waitFor();
});

test("a message that the room refuses says so, and can be taken away or sent again", async () => {
  const ana = await company.somebody({ name: "Ana" });
  await ana.page.setExtraHTTPHeaders({ "X-Forwarded-For": "203.0.113.7" });
  await ana.openChat(company.server.url, "slow");
  const rules = await fetch(`${company.server.url}/chat/slow?moderator=${MODERATOR_KEY}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ intents: [{ type: "rules", slow: 300_000 }] }),
  });
  expect(rules.status).toBe(200);
  await write(ana.page, "the first");
  await message(ana.page, "the first").getByText("Sent").waitFor();
  await write(ana.page, "one too soon");
  const refused = message(ana.page, "one too soon");
  await refused.getByText("Not sent.").waitFor();
  await refused.getByRole("button", { name: "Try again" }).click();
  await refused.getByText("Not sent.").waitFor();
  await expectAccessible(ana.page, "refused");
  await refused.getByRole("button", { name: "Discard" }).click();
  await refused.waitFor({ state: "detached" });
  expect(await texts(ana.page)).toEqual(["the first"]);
});

test("T4 T9 who has the moderators' key removes, locks, mutes and bans, and the page of the one concerned says so", async () => {
  const [mod, gus] = await Promise.all([company.somebody({ name: "Mo" }), company.somebody({ name: "Gus" })]);
  await gus.page.setExtraHTTPHeaders({ "X-Forwarded-For": "203.0.113.9" });
  await Promise.all([
    mod.page.goto(`${company.server.url}/chat/kept?moderator=${MODERATOR_KEY}`),
    gus.openChat(company.server.url, "kept"),
  ]);
  const act = async (text: string, ...names: readonly string[]): Promise<void> => {
    await message(mod.page, text).hover();
    for (const name of ["More", ...names]) await mod.page.getByRole("button", { name, exact: true }).click();
  };
  const moderate = mod.page.getByRole("button", { name: "Moderate", exact: true });
  expect(await gus.page.getByRole("button", { name: "Moderate" }).count()).toBe(0);

  await write(gus.page, "rude");
  await act("rude", "Remove message", "Delete the message");
  await message(gus.page, "Message removed by a moderator").waitFor();

  await moderate.click();
  await mod.page.getByLabel(/^Locked/).check();
  await gus.page.getByPlaceholder("The room is locked").waitFor();
  await mod.page.getByLabel(/^Locked/).uncheck();
  await mod.page.keyboard.press("Escape");

  await write(gus.page, "loud");
  await act("loud", "Mute Gus for 10 minutes");
  await gus.page.getByPlaceholder("You are muted until").waitFor();
  await moderate.click();
  await mod.page.getByRole("button", { name: "Muted: Gus. Lift it" }).click();
  await mod.page.getByText("Nobody is muted.").waitFor();
  await mod.page.keyboard.press("Escape");

  await write(gus.page, "worse");
  await act("worse", "Ban Gus", "Ban Gus");
  await gus.page.getByText("You are banned from this room.").waitFor();
  await gus.page.reload();
  await gus.page.getByText("You are banned from this room.").waitFor();
});

test("with the keyboard alone: a private room, a message, through the talk and back", async () => {
  const { page } = await company.somebody({ name: "Ana" });
  await page.goto(`${company.server.url}/chat/keys`);
  await page.getByRole("button", { name: "New private room" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/chat\/[0-9a-f]{64}$/);
  await page.getByText("Only those who have the link find this room.").waitFor();
  await page.getByRole("textbox", { name: /^Message to Private/ }).focus();
  await page.keyboard.type("one");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("two");
  await page.keyboard.press("Enter");
  await page.keyboard.type("three");
  await page.keyboard.press("Enter");
  await message(page, "three").getByText("Sent").waitFor();
  expect(await texts(page)).toEqual(["one\ntwo", "three"]);
  // Up in the empty field edits; Escape leaves the edit; Shift+Tab goes to the last message, arrows through them.
  await page.keyboard.press("ArrowUp");
  await page.getByText("Editing").waitFor();
  await page.keyboard.press("Escape");
  await page.getByText("Editing").waitFor({ state: "detached" });
  await message(page, "three").focus();
  await page.keyboard.press("ArrowUp");
  await message(page, "one").and(page.locator(":focus")).waitFor();
  await page.keyboard.press("Tab");
  await page.getByRole("button", { name: "React", exact: true }).and(page.locator(":focus")).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "thumbs up", exact: true }).and(page.locator(":focus")).waitFor();
  await page.keyboard.press("Enter");
  await message(page, "one").getByRole("button", { name: "thumbs up, 1: you" }).waitFor();
  await message(page, "one").focus();
  await page.keyboard.press("Escape");
  await page
    .getByRole("textbox", { name: /^Message to/ })
    .and(page.locator(":focus"))
    .waitFor();
});
