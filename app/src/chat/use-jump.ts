import type { ChatHandle } from "roomcast";
import { useCallback, useEffect, useState } from "react";
import { useToast } from "../ui/toasts.tsx";

/** Pages that are fetched to reach a message. */
const PAGES = 30;
const SHINES = 2_000;

/** Goes to messages by number, back through the history if need be; and which one it went to, for a moment. */
export function useJump(chat: ChatHandle): { readonly jump: (n: number) => void; readonly flash: number | undefined } {
  const toast = useToast();
  const [flash, setFlash] = useState<number>();

  useEffect(() => {
    if (flash === undefined) return undefined;
    const line = document.querySelector<HTMLElement>(`[data-n="${flash}"]`);
    line?.scrollIntoView({ block: "center" });
    line?.focus({ preventScroll: true });
    const timer = setTimeout(() => setFlash(undefined), SHINES);
    return () => clearTimeout(timer);
  }, [flash]);

  const jump = useCallback(
    (n: number) => {
      const reach = async () => {
        const there = () => chat.messages?.some((message) => message.n === n) === true;
        for (let pages = 0; !there() && chat.hasOlder && pages < PAGES; pages += 1) {
          if ((chat.messages?.[0]?.n ?? 0) < n) break;
          await chat.loadOlder();
        }
        if (there()) setFlash(n);
        else toast({ text: "That message is no longer here." });
      };
      reach().catch(() => toast({ tone: "bad", text: "Earlier messages could not be fetched." }));
    },
    [chat, toast],
  );
  return { jump, flash };
}
