import { useEffect, useState } from "react";
import { copyText } from "../lib/copy.ts";
import { CheckIcon, LinkIcon } from "../ui/icons.tsx";
import { useToast } from "../ui/toasts.tsx";

export function snippetFor(id: string): string {
  const site = id.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  return `<script src="${location.origin}/sdk.js" data-site="${site}" defer></script>`;
}

/** What a site puts on its pages to be seen here. */
export function Snippet({ id }: { readonly id: string }) {
  const [copied, setCopied] = useState(false);
  const toast = useToast();
  const text = snippetFor(id);

  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 2500);
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = async () => {
    try {
      await copyText(text);
      setCopied(true);
    } catch {
      toast({ text: "This browser does not let the page copy. Select the line instead." });
    }
  };

  return (
    <div className="snippet">
      <code>{text}</code>
      <button type="button" className="button" onClick={() => void copy()}>
        {copied ? <CheckIcon size={16} /> : <LinkIcon size={16} />}
        <span aria-live="polite">{copied ? "Copied" : "Copy"}</span>
      </button>
    </div>
  );
}
