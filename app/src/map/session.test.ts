import { expect, test } from "vitest";
import { nudge } from "./nudge.ts";
import { TryRoom } from "./try-session.ts";

const place = (room: TryRoom, id: string): unknown => room.map.feature(id)?.geometry.coordinates;

/** Lets what was promised happen. */
async function turn(): Promise<void> {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
}

test("M20 undo takes back a move by keys that the room has not heard of, and not what was before it", async () => {
  const room = new TryRoom();
  const ana = room.session("ana");
  ana.addPin([1, 2]);
  nudge(ana, "ana1", { key: "ArrowRight", shiftKey: false });
  expect(ana.placeOf("ana1")).toEqual([2, 2]);
  ana.undo();
  await turn();
  expect([place(room, "ana1"), ana.placeOf("ana1")]).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

test("M20 an undo that is offered takes back what it was offered for, and lapses with whatever is done next", async () => {
  const room = new TryRoom();
  const [ana, ben] = [room.session("ana"), room.session("ben")];
  ana.addPin([1, 2]);
  ana.remove("ana1");
  const offer = ana.offerUndo();
  let lapsed = 0;
  const stop = offer.lapses(() => {
    lapsed += 1;
  });
  ben.addPin([5, 5]);
  expect(lapsed).toBe(0);
  offer.run();
  await turn();
  expect(place(room, "ana1")).toEqual([1, 2]);
  stop();

  ana.remove("ana1");
  const late = ana.offerUndo();
  late.lapses(() => {
    lapsed = -1;
  });
  ana.change("ben1", { title: "Ana was here" });
  expect(lapsed).toBe(-1);
  late.run();
  await turn();
  expect(room.map.feature("ben1")).toMatchObject({ title: "Ana was here" });
});

test("M20 one undo at a time: while it is not answered another is not asked for", async () => {
  const room = new TryRoom();
  const ana = room.session("ana");
  ana.addPin([1, 1]);
  ana.addPin([2, 2]);
  room.leave();
  ana.undo();
  ana.undo();
  expect(ana.view().undoing).toBe(true);
  room.comeBack();
  await turn();
  expect([place(room, "ana1"), place(room, "ana2"), ana.view().undoing]).toEqual([[1, 1], undefined, false]);
});

test("M20 an undo that is refused is told as such", async () => {
  const room = new TryRoom();
  const [ana, ben] = [room.session("ana"), room.session("ben")];
  const told: unknown[] = [];
  ana.onRefused(({ code }, asked) => told.push([code, asked]));
  ana.addPin([1, 1]);
  ben.change("ana1", { title: "Ben's" });
  ana.undo();
  ben.remove("ana1");
  ana.change("ana1", { title: "Ana's" });
  await turn();
  expect(told).toEqual([
    ["conflict", "undo"],
    ["not_found", "change"],
  ]);
});

test("M24 a pin that is dropped waits for its name once; one that has a name, or is set by keys on the map, does not", () => {
  const ana = new TryRoom().session("ana");
  ana.pick("pin");
  ana.draw([1, 2]);
  expect([ana.view().selected, ana.takeNaming("ana1"), ana.takeNaming("ana1")]).toEqual(["ana1", true, false]);
  ana.pick("pin");
  ana.draw([1, 2], "keyboard");
  expect([ana.view().selected, ana.takeNaming("ana2")]).toEqual(["ana2", false]);
  ana.addPin([1, 2], { title: "Meeting point" });
  expect(ana.takeNaming("ana3")).toBe(false);
  // Dropped, and something else is opened first.
  ana.addPin([1, 2]);
  expect([ana.takeNaming("ana1"), ana.takeNaming("ana4")]).toEqual([false, false]);
});
