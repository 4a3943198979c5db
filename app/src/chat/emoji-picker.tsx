import { useEffect, useRef, useState } from "react";

/** Every emoji that this browser can show, with a search and skin tones. Comes with its data when it is first opened. */
export function EmojiPicker({ choose }: { readonly choose: (emoji: string) => void }) {
  const box = useRef<HTMLDivElement>(null);
  const chosen = useRef(choose);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    chosen.current = choose;
  });
  useEffect(() => {
    let open = true;
    const show = async () => {
      const { makePicker } = await import("./emoji-element.ts");
      if (!open || box.current === null) return;
      const picker = makePicker();
      picker.addEventListener("emoji-click", ({ detail: { unicode } }) => {
        if (unicode !== undefined) chosen.current(unicode);
      });
      box.current.replaceChildren(picker);
      // Not on a phone, where the keyboard would cover what there is to choose from.
      if (matchMedia("(pointer: fine)").matches) picker.shadowRoot?.querySelector("input")?.focus();
    };
    show().catch(() => setFailed(true));
    return () => {
      open = false;
    };
  }, []);
  return (
    <div ref={box} role={failed ? "alert" : "status"}>
      {failed ? "The emoji could not be loaded. Close this and try again." : "Loading the emoji…"}
    </div>
  );
}
