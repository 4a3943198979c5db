import type { JsonObject } from "../lib/json.ts";

export interface Example {
  readonly name: string;
  readonly about: string;
  readonly value: JsonObject;
}

/** Something to begin with. */
export const EXAMPLES: readonly Example[] = [
  {
    name: "Weekend trip",
    about: "A plan, a packing list, who pays",
    value: {
      title: "Weekend in Bergen",
      when: { from: "2026-12-11", nights: 2 },
      travellers: [
        { name: "Ana", arrives: "Friday 18:40", paid: true },
        { name: "Ben", arrives: "Saturday 09:15", paid: false },
      ],
      budget: { currency: "NOK", perPerson: 3200 },
      packing: ["rain jackets", "camera", "card games"],
      notes: "Fløyen first if it is clear, the fish market if it is not.",
    },
  },
  {
    name: "Release checklist",
    about: "Steps, owners, a decision",
    value: {
      version: "2.4.0",
      freeze: "2026-11-27",
      approved: false,
      steps: [
        { task: "Changelog reviewed", owner: "Mira", done: true },
        { task: "Migration tried on a copy", owner: "Jon", done: false },
        { task: "Support informed", owner: "Lee", done: false },
      ],
      rollback: null,
    },
  },
  {
    name: "Feature flags",
    about: "Settings that programs read live",
    value: {
      flags: {
        newSearch: { enabled: true, share: 0.25 },
        darkMode: { enabled: true, share: 1 },
        betaExport: { enabled: false, share: 0 },
      },
      maintenance: { message: "", until: null },
    },
  },
];
