import data from "emoji-picker-element-data/en/emojibase/data.json?url";
import Picker from "emoji-picker-element/picker.js";

// Apart from the page, so that only those who open the picker download it.

export function makePicker(): Picker {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const picker = new Picker({ dataSource: data, locale: "en" });
  picker.className = dark ? "dark" : "light";
  return picker;
}
