/** The language where the browser names none that `Intl` accepts. */
const DEFAULT_LANGUAGE = "en";

/**
 * The closest tag that `Intl` accepts. Chromium names a language such as `en-US@posix` where Linux has only `LANG=C`, and
 * `Intl` throws a RangeError for it.
 */
export function validLanguage(tag: unknown): string {
  if (typeof tag !== "string") return DEFAULT_LANGUAGE;
  const [withoutModifier = ""] = tag.trim().replaceAll("_", "-").split(/[@.]/);
  const [primary = ""] = withoutModifier.split("-");
  return [tag, withoutModifier, primary].find(isValid) ?? DEFAULT_LANGUAGE;
}

function isValid(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

type Languages = Pick<Navigator, "language" | "languages">;

/** Makes the browser's languages valid for all code of the page: libraries hand them to `Intl` as they are. */
export function repairLanguages(browser: Languages): void {
  const language = validLanguage(browser.language);
  const { languages } = browser;
  const list = Array.isArray(languages) && languages.length > 0 ? languages.map(validLanguage) : [language];
  // Where a browser does not allow this, whatever throws is shown as an error in its own place.
  if (language !== browser.language)
    Reflect.defineProperty(browser, "language", { get: () => language, configurable: true });
  if (list.join() !== String(languages)) {
    const frozen = Object.freeze([...new Set(list)]);
    Reflect.defineProperty(browser, "languages", { get: () => frozen, configurable: true });
  }
}
