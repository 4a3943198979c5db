import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { AlertIcon, CloseIcon } from "./icons.tsx";

export interface Toast {
  readonly text: string;
  readonly detail?: string;
  readonly tone?: "plain" | "bad";
  readonly action?: {
    readonly label: string;
    readonly run: () => void;
    /** Calls back when it can be done no more: then the message goes. Returns the way to stop. */
    readonly lapses?: (listener: () => void) => () => void;
  };
}

type Show = (toast: Toast) => void;

const ShowToast = createContext<Show>(() => undefined);

/** Shows a short message at the foot of the page. It goes by itself, but not while somebody is on it. */
export function useToast(): Show {
  return useContext(ShowToast);
}

const STAY = 8_000;
const MOST = 3;

export function Toasts({ children }: { readonly children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly (Toast & { readonly id: number })[]>([]);
  const next = useRef(0);
  const show = useCallback<Show>((toast) => {
    next.current += 1;
    const id = next.current;
    setToasts((now) => [...now.filter((other) => other.text !== toast.text), { ...toast, id }].slice(-MOST));
  }, []);
  const close = useCallback((id: number) => setToasts((now) => now.filter((toast) => toast.id !== id)), []);
  return (
    <ShowToast value={show}>
      {children}
      <div className="toasts" role="region" aria-label="Messages" aria-live="polite">
        {toasts.map((toast) => (
          <ToastItem key={toast.id} toast={toast} id={toast.id} close={close} />
        ))}
      </div>
    </ShowToast>
  );
}

interface ItemProps {
  readonly toast: Toast;
  readonly id: number;
  readonly close: (id: number) => void;
}

function ToastItem({ toast, id, close }: ItemProps) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return undefined;
    const timer = setTimeout(() => close(id), STAY);
    return () => clearTimeout(timer);
  }, [held, close, id]);
  const lapses = toast.action?.lapses;
  useEffect(() => lapses?.(() => close(id)), [lapses, close, id]);
  const hold = useMemo(
    () => ({
      onMouseEnter: () => setHeld(true),
      onMouseLeave: () => setHeld(false),
      onFocus: () => setHeld(true),
      onBlur: () => setHeld(false),
    }),
    [],
  );
  return (
    <div className={toast.tone === "bad" ? "toast bad" : "toast"} {...hold}>
      {toast.tone === "bad" && <AlertIcon />}
      <p>
        {toast.text}
        {toast.detail !== undefined && <span className="toast-detail">{toast.detail}</span>}
      </p>
      {toast.action !== undefined && (
        <button
          type="button"
          className="toast-action"
          onClick={() => {
            toast.action?.run();
            close(id);
          }}
        >
          {toast.action.label}
        </button>
      )}
      <button type="button" className="toast-close" aria-label="Dismiss" onClick={() => close(id)}>
        <CloseIcon size={16} />
      </button>
    </div>
  );
}
