import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The longest of them first, so that none of these is left to run alone at the end. */
const FIRST = [
  "test/e2e/conformance.e2e.test.ts",
  "test/e2e/page.browser.test.ts",
  "test/e2e/documents.browser.test.ts",
  "test/serve/start.e2e.test.ts",
  "test/e2e/map.browser.test.ts",
];

export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = FIRST.findIndex((path) => moduleId.endsWith(path));
      return at === -1 ? FIRST.length : at;
    };
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}
