const NOT_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;
const ALL_NOT_XML = new RegExp(NOT_XML, "gu");

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "\r": "&#13;",
};

/** Text for an element. Controls and lone surrogates, which XML 1.0 cannot say, are left out. */
export function escapeXml(text: string): string {
  return text.replace(ALL_NOT_XML, "").replace(/[&<>\r]/g, (character) => ENTITIES[character] ?? "");
}

/** The same for the value of an attribute in double quotes. */
export function escapeAttribute(text: string): string {
  return escapeXml(text).replace(/["\t\n]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Whether XML can say it, and an import reads it the same. */
export function isPlainText(text: string): boolean {
  return text !== "" && text.trim() === text && !NOT_XML.test(text);
}
