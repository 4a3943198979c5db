/** Emoji that Unicode shows as text unless U+FE0F follows. A skin tone after them makes them emoji as well. */
const SHOWN_AS_TEXT = /(?=\p{Emoji})\P{Emoji_Presentation}(?!\p{Emoji_Modifier})/gu;
const PRESENTATION = /[\ufe0e\ufe0f]/g;

/**
 * One spelling for each emoji, the fully qualified one: keyboards and libraries leave out U+FE0F or send U+FE0E, and all
 * of them mean the same reaction. Idempotent.
 */
export function normalizeEmoji(text: string): string {
  return text.replace(PRESENTATION, "").replace(SHOWN_AS_TEXT, "$&\ufe0f");
}
