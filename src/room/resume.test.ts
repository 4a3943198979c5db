import { expect, test } from "vitest";
import { planResume, type Standing } from "./resume.ts";

const KIB = 1024;
const UNBORN = { epoch: "0", seq: 0 };

/** A room at op 100, whose ops are 1 KiB each and whose snapshot is 20 KiB. */
function room(changes: Partial<Standing> = {}): Standing {
  return {
    position: { epoch: "e1", seq: 100 },
    oldest: 11,
    tailBytes: (seq) => (100 - seq) * KIB,
    snapshotBytes: 20 * KIB,
    everyOp: false,
    ...changes,
  };
}

test.each([
  ["R4 nothing known", undefined, {}, { resume: "snapshot" }],
  ["R1 up to date", { epoch: "e1", seq: 100 }, {}, { resume: "tail", seq: 100 }],
  ["R1 up to date, with nothing kept", { epoch: "e1", seq: 100 }, { oldest: 101 }, { resume: "tail", seq: 100 }],
  ["R1 one op behind", { epoch: "e1", seq: 99 }, {}, { resume: "tail", seq: 99 }],
  ["R1 the oldest op is the next", { epoch: "e1", seq: 10 }, { everyOp: true }, { resume: "tail", seq: 10 }],
  ["R2 a tail that costs as much as the snapshot", { epoch: "e1", seq: 80 }, {}, { resume: "tail", seq: 80 }],
  ["R2 a tail that costs more", { epoch: "e1", seq: 79 }, {}, { resume: "snapshot" }],
  ["R2 more, but every op counts", { epoch: "e1", seq: 79 }, { everyOp: true }, { resume: "tail", seq: 79 }],
  [
    "R2 a small tail is sent whatever the snapshot",
    { epoch: "e1", seq: 84 },
    { snapshotBytes: 2 },
    { resume: "tail", seq: 84 },
  ],
  ["R3 the next op is no longer kept", { epoch: "e1", seq: 9 }, { everyOp: true }, { resume: "reset", reason: "gone" }],
  ["R3 another epoch", { epoch: "e0", seq: 100 }, {}, { resume: "reset", reason: "epoch" }],
  ["R3 ahead of the room", { epoch: "e1", seq: 101 }, {}, { resume: "reset", reason: "ahead" }],
  ["R3 ahead in another epoch", { epoch: "e0", seq: 101 }, {}, { resume: "reset", reason: "epoch" }],
  ["R3 unborn, for one that folds a state", UNBORN, { oldest: 1 }, { resume: "reset", reason: "epoch" }],
  ["B3 unborn, all is there", UNBORN, { oldest: 1, wantsOps: true }, { resume: "snapshot" }],
  ["B6 unborn, some is gone", UNBORN, { oldest: 2, wantsOps: true }, { resume: "reset", reason: "epoch" }],
] as const)("%s", (_, since, changes, plan) => {
  expect(planResume(since, room(changes))).toEqual(plan);
});
