import { useEffect, useState } from "react";
import { copyText } from "../lib/copy.ts";
import { CheckIcon, LinkIcon } from "../ui/icons.tsx";
import { useToast } from "../ui/toasts.tsx";

/** Copies the page's address. Where the browser forbids that, shows it to be copied by hand. */
export function ShareButton() {
  const [copied, setCopied] = useState(false);
  const toast = useToast();

  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 2500);
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = async () => {
    const link = location.origin + location.pathname;
    try {
      await copyText(link);
      setCopied(true);
    } catch {
      toast({ text: "This browser does not let the page copy. The link is:", detail: link });
    }
  };

  return (
    <button type="button" className="button share" onClick={() => void copy()}>
      {copied ? <CheckIcon size={16} /> : <LinkIcon size={16} />}
      <span className="wide" aria-live="polite">
        {copied ? "Copied" : "Copy link"}
      </span>
    </button>
  );
}
