import { describe, expect, test } from "vitest";
import { repairLanguages, validLanguage } from "./language.ts";

describe("a valid language tag from any tag", () => {
  test.each([
    ["en-US", "en-US"],
    ["zh-Hant-TW", "zh-Hant-TW"],
    ["en-US-u-va-posix", "en-US-u-va-posix"],
    ["en-US@posix", "en-US"],
    ["de_DE", "de-DE"],
    ["de_DE.UTF-8@euro", "de-DE"],
    ["sr-RS@latin", "sr-RS"],
    ["fr-x_", "fr"],
    [" pt-BR ", "pt-BR"],
    ["C", "en"],
    ["C.UTF-8", "en"],
    ["", "en"],
    ["@posix", "en"],
    ["*", "en"],
    ["not a language", "en"],
    [undefined, "en"],
    [null, "en"],
    [7, "en"],
  ])("%j becomes %j", (tag, expected) => {
    expect(validLanguage(tag)).toBe(expected);
    expect(() => new Intl.NumberFormat(validLanguage(tag))).not.toThrow();
  });
});

describe("a browser's languages", () => {
  const browser = (language: string, languages: readonly string[]) => ({ language, languages });

  test("are repaired where Intl would throw", () => {
    const posix = browser("en-US@posix", ["en-US@posix", "en-US", "C"]);
    repairLanguages(posix);
    expect(posix).toMatchObject({ language: "en-US", languages: ["en-US", "en"] });
    expect(() => new Intl.NumberFormat(posix.language)).not.toThrow();
    expect(() => new Intl.DateTimeFormat([...posix.languages])).not.toThrow();
  });

  test("are left as they are where they are valid", () => {
    const valid = Object.freeze(browser("de-AT", Object.freeze(["de-AT", "de", "en"])));
    repairLanguages(valid);
    expect(valid).toEqual({ language: "de-AT", languages: ["de-AT", "de", "en"] });
  });

  test("that cannot be changed do not stop the page", () => {
    const fixed = Object.freeze(browser("C", []));
    expect(() => repairLanguages(fixed)).not.toThrow();
  });
});
