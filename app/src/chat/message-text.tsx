import { memo, useLayoutEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { parseMessage, type Span } from "../lib/markdown.ts";
import { useTalk } from "./talk.ts";

interface Props {
  readonly text: string;
  /** Stands behind the text: on its last line, or beside the button of a folded one. */
  readonly children: ReactNode;
}

/** A message's text. A long one is folded. */
export function MessageText({ text, children }: Props) {
  const mayFold = text.length > FOLDABLE_UNITS || text.split("\n").length > FOLDABLE_LINES;
  return mayFold ? (
    <FoldedText text={text}>{children}</FoldedText>
  ) : (
    <p className="message-text" dir="auto">
      <Words text={text} />
      {children}
    </p>
  );
}

/** A text with less of both is not worth measuring: it is short in any window. */
const FOLDABLE_UNITS = 400;
const FOLDABLE_LINES = 12;
/** A text is folded when it is higher than this, in `lh`: well above the height of a folded one, in message.css. */
const FOLD_AT_LINES = 20;

function FoldedText({ text, children }: Props) {
  const { stay } = useTalk();
  const [open, setOpen] = useState(false);
  const [long, setLong] = useState(false);
  const words = useRef<HTMLSpanElement>(null);
  const box = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const element = words.current;
    if (element === null) return undefined;
    const measure = () => {
      setLong(element.offsetHeight > FOLD_AT_LINES * parseFloat(getComputedStyle(element).lineHeight));
    };
    measure();
    // A narrower window makes it longer.
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const toggle = (): void => {
    stay();
    setOpen(!open);
  };
  useLayoutEffect(() => {
    // Folded again, it may be above what is in view.
    if (long && !open) box.current?.scrollIntoView({ block: "nearest" });
    if (long) stay();
    // oxlint-disable-next-line react/exhaustive-deps -- when it was opened or closed, and not when it was measured
  }, [open]);

  const folded = long && !open;
  return (
    <div ref={box}>
      <p className="message-text" dir="auto">
        {/* Whoever tabs to a link in it wants to see where they are. */}
        <span className={folded ? "fold folded" : "fold"} onFocus={folded ? toggle : undefined}>
          <span ref={words} className="fold-text">
            <Words text={text} />
            {!long && children}
          </span>
        </span>
      </p>
      {long && (
        <p className="fold-foot">
          <button type="button" className="button quiet" aria-expanded={open} onClick={toggle}>
            {open ? "Show less" : "Show more"}
          </button>
          {children}
        </p>
      )}
    </div>
  );
}

const Words = memo(function Words({ text }: { readonly text: string }) {
  const blocks = useMemo(() => parseMessage(text), [text]);
  return (
    <span className="words">
      {blocks.map((block, at) =>
        block.type === "code" ? (
          // oxlint-disable-next-line react/no-array-index-key -- a text's pieces have no other name
          <code key={at} className="code-block" dir="ltr">
            {block.text}
          </code>
        ) : (
          // oxlint-disable-next-line react/no-array-index-key -- as above
          <Spans key={at} spans={block.spans} />
        ),
      )}
    </span>
  );
});

function Spans({ spans }: { readonly spans: readonly Span[] }) {
  // oxlint-disable-next-line react/no-array-index-key -- as above
  return spans.map((span, at) => <Piece key={at} span={span} />);
}

function Piece({ span }: { readonly span: Span }) {
  switch (span.type) {
    case "text":
      return span.text;
    case "code":
      return <code dir="ltr">{span.text}</code>;
    case "em":
      return (
        <em>
          <Spans spans={span.spans} />
        </em>
      );
    case "strong":
      return (
        <strong>
          <Spans spans={span.spans} />
        </strong>
      );
    case "link":
      return (
        <>
          <a dir="ltr" href={span.href} title={span.href} target="_blank" rel="noopener noreferrer nofollow">
            {span.text}
          </a>
          {span.site !== undefined && <span className="message-note site">({span.site})</span>}
        </>
      );
  }
}
