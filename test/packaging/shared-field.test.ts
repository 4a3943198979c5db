import { afterEach, beforeEach, expect, test } from "vitest";
import { connect, RoomcastError } from "roomcast";
import { TestServer } from "../../src/client/fixtures/server.ts";
import { documentKind } from "../../src/kinds/document/kind.ts";
import type { DocumentIntent, DocumentOp } from "../../src/kinds/document/types.ts";
import type { Json } from "../../src/protocol/json.ts";
import { SharedField } from "../../template/page/shared-field.ts";

interface Page {
  title?: string;
  votes?: number;
}

let server: TestServer<Json, DocumentIntent, DocumentOp>;
const left: (() => void)[] = [];

beforeEach(async () => {
  server = new TestServer(documentKind);
  await server.listen();
});

afterEach(async () => {
  for (const leave of left.splice(0)) leave();
  await server.stop();
});

/** Somebody with the template's page open: the room and the field are real, the input is as much of one as they use. */
async function open() {
  const rooms = connect(server.url);
  const page = rooms.document<Page>("first");
  const caret = { selectionStart: 0, selectionEnd: 0 };
  const input = {
    ...caret,
    value: "",
    matches: () => true,
    setSelectionRange: (start: number, end: number) =>
      Object.assign(input, { selectionStart: start, selectionEnd: end }),
  };
  const errors: unknown[] = [];
  let theirs: string | undefined;
  const field = new SharedField(input as unknown as HTMLInputElement, {
    read: () => page.value?.title,
    write: (before, after) =>
      page.patch([
        before === undefined
          ? { op: "test", path: "", value: page.value ?? {} }
          : { op: "test", path: "/title", value: before },
        { op: "add", path: "/title", value: after },
      ]),
    onConflict: (text) => (theirs = text),
    onError: (error) => errors.push(error),
  });
  page.subscribe(() => field.update());
  left.push(() => rooms.close());
  await page.ready();
  return { page, input, field, errors, theirs: () => theirs };
}

test("two people who edit the title at once both keep what they typed, and choose", async () => {
  const [ana, ben] = [await open(), await open()];
  await ana.page.set({ title: "middle" });
  await expect.poll(() => ben.input.value).toBe("middle");

  ana.input.value = "at the start middle";
  ben.input.value = "middle at the end";
  ana.field.save();
  await expect.poll(() => ben.theirs()).toBe("at the start middle");
  expect(ben.input.value).toBe("middle at the end");
  ben.field.save();
  expect(ben.page.pending).toBe(0);

  ben.field.keepMine();
  await expect.poll(() => ana.input.value).toBe("middle at the end");
  expect([ana.theirs(), ben.theirs()]).toEqual([undefined, undefined]);
});

test("who loses the race to the room still has their text in the input", async () => {
  const [ana, ben] = [await open(), await open()];
  server.eager = false;
  ana.input.value = "Ana's";
  ben.input.value = "Ben's";
  ana.field.save();
  await server.until(() => server.frames.some((frame) => frame.includes("Ana's")));
  ben.field.save();
  await server.until(() => server.frames.some((frame) => frame.includes("Ben's")));
  server.eager = true;
  server.room.flush();
  await expect.poll(() => ben.theirs()).toBe("Ana's");
  expect(ben.input.value).toBe("Ben's");
  ben.field.useTheirs();
  expect(ben.input.value).toBe("Ana's");
  expect([ben.field.edited, ben.theirs()]).toEqual([false, undefined]);
});

test("a vote that arrives first does not stop the first title", async () => {
  const [ana, ben] = [await open(), await open()];
  server.eager = false;
  const voted = ben.page.update([{ op: "increment", path: "/votes" }]);
  await server.until(() => server.frames.some((frame) => frame.includes("votes")));
  ana.input.value = "First";
  ana.field.save();
  await server.until(() => server.frames.some((frame) => frame.includes("First")));
  server.eager = true;
  server.room.flush();
  await voted;
  await expect.poll(() => ben.page.value).toEqual({ title: "First", votes: 1 });
  expect(ana.theirs()).toBeUndefined();
});

test("a title that the room refuses stays in the input, with the reason", async () => {
  const ana = await open();
  ana.input.value = "x".repeat(2_000_000);
  ana.field.save();
  await expect.poll(() => ana.errors).toEqual([expect.any(RoomcastError)]);
  expect([ana.field.edited, ana.input.value.length]).toEqual([true, 2_000_000]);
});

test("somebody else's title arrives without moving the caret", async () => {
  const [ana, ben] = [await open(), await open()];
  await ana.page.set({ title: "Monday" });
  await expect.poll(() => ben.input.value).toBe("Monday");
  ben.input.setSelectionRange(2, 4);
  // As a browser does when a script sets the value.
  let { value } = ben.input;
  Object.defineProperty(ben.input, "value", {
    get: () => value,
    set: (text: string) => {
      value = text;
      Object.assign(ben.input, { selectionStart: text.length, selectionEnd: text.length });
    },
  });
  await ana.page.set({ title: "Mondays" });
  await expect.poll(() => ben.input.value).toBe("Mondays");
  expect([ben.input.selectionStart, ben.input.selectionEnd]).toEqual([2, 4]);
});
