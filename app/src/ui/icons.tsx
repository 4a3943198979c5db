import type { ReactNode } from "react";

/** One of the page's own icons: 20 by 20, one stroke, in the colour of the text beside it. Never the only label. */
export function icon(paths: ReactNode) {
  return function Icon({ size = 18 }: { readonly size?: number }) {
    return (
      <svg
        width={size}
        height={size}
        viewBox="0 0 20 20"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
      >
        {paths}
      </svg>
    );
  };
}

export const PlusIcon = icon(<path d="M10 4.5v11M4.5 10h11" />);
export const CloseIcon = icon(<path d="m5.5 5.5 9 9m0-9-9 9" />);
export const ChevronIcon = icon(<path d="m8 5.5 4.5 4.5L8 14.5" />);
export const CheckIcon = icon(<path d="m4.5 10.5 3.5 3.5 7.5-8" />);
export const HistoryIcon = icon(
  <>
    <path d="M3.5 10a6.5 6.5 0 1 1 2 4.7M3.5 15.5v-3.2h3.2" />
    <path d="M10 6.5V10l2.5 1.7" />
  </>,
);
export const LinkIcon = icon(
  <>
    <path d="M8.3 11.7a2.8 2.8 0 0 0 4 0l3-3a2.83 2.83 0 0 0-4-4l-1 1" />
    <path d="M11.7 8.3a2.8 2.8 0 0 0-4 0l-3 3a2.83 2.83 0 0 0 4 4l1-1" />
  </>,
);
export const TrashIcon = icon(<path d="M4 6h12M8 6V4.3h4V6m-6.5 0 .6 9.7h7.8l.6-9.7M8.6 9v4m2.8-4v4" />);
export const EyeIcon = icon(
  <>
    <path d="M2.5 10S5.2 5 10 5s7.5 5 7.5 5-2.7 5-7.5 5-7.5-5-7.5-5Z" />
    <circle cx="10" cy="10" r="2.2" />
  </>,
);
export const RestoreIcon = icon(<path d="M7.5 4.5 4 8l3.5 3.5M4 8h7.5a4.5 4.5 0 0 1 0 9H8" />);
export const OfflineIcon = icon(
  <>
    <path d="M6 14.5h8a3 3 0 0 0 .6-5.9A4.7 4.7 0 0 0 7 6.2M5.2 8A3.3 3.3 0 0 0 6 14.5" />
    <path d="m3.5 3.5 13 13" />
  </>,
);
export const PauseIcon = icon(<path d="M7 4.8v10.4m6-10.4v10.4" strokeWidth="2.2" />);
export const PlayIcon = icon(<path d="M6.5 4.4v11.2L15.6 10 6.5 4.4Z" />);
export const OutIcon = icon(
  <path d="M11.5 4h4.5v4.5M16 4l-7 7M8.5 4.5H5A1.5 1.5 0 0 0 3.5 6v9A1.5 1.5 0 0 0 5 16.5h9a1.5 1.5 0 0 0 1.5-1.5v-3.5" />,
);
export const AlertIcon = icon(<path d="M10 3.5 2.8 16h14.4L10 3.5Zm0 5v3.2m0 2.2v.1" />);
export const WindowsIcon = icon(
  <>
    <rect x="3" y="6.5" width="10" height="9" rx="1.5" />
    <path d="M7 6.5V5A1.5 1.5 0 0 1 8.5 3.5h7A1.5 1.5 0 0 1 17 5v6a1.5 1.5 0 0 1-1.5 1.5H13" />
  </>,
);

export const SendIcon = icon(<path d="M10 16V4.5M5 9.2l5-4.9 5 4.9" />);
export const ReplyIcon = icon(<path d="M8 5 3.8 9.2 8 13.4M3.8 9.2h6.4a6 6 0 0 1 6 6v.6" />);
export const SmileIcon = icon(
  <>
    <circle cx="10" cy="10" r="6.8" />
    <path d="M7.2 11.8a3.4 3.4 0 0 0 5.6 0M7.8 8h.1m4.3 0h.1" />
  </>,
);
export const MoreIcon = icon(<path d="M5 10h.1m4.8 0h.2m4.8 0h.1" strokeWidth="2.4" />);
export const PencilIcon = icon(<path d="m4 16 .8-3.4L13 4.4l2.6 2.6-8.2 8.2L4 16Zm7.4-10 2.6 2.6" />);
export const LockIcon = icon(
  <>
    <rect x="4.5" y="9" width="11" height="7.5" rx="1.5" />
    <path d="M7 9V6.8a3 3 0 0 1 6 0V9" />
  </>,
);
export const MenuIcon = icon(<path d="M3.5 6h13m-13 4h13m-13 4h13" />);
export const DownIcon = icon(<path d="M10 4v11.5M5.2 11l4.8 4.7 4.8-4.7" />);
export const ClockIcon = icon(
  <>
    <circle cx="10" cy="10" r="6.5" />
    <path d="M10 6.5V10l2.3 1.5" />
  </>,
);
export const ShieldIcon = icon(
  <path d="M10 3.2 4.5 5.4v4.2c0 3.4 2.3 5.9 5.5 7.2 3.2-1.3 5.5-3.8 5.5-7.2V5.4L10 3.2Z" />,
);

/** The mark: two people's marks meeting in one frame. */
export function Mark({ size = 24 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <rect x="2" y="2" width="20" height="20" rx="6" fill="var(--accent)" />
      <path d="M7.5 8.2h9M7.5 12h5" stroke="var(--on-accent)" strokeWidth="2" strokeLinecap="round" />
      <path d="m12.6 12.8 6.1 2.2-2.7 1.2-1.2 2.7-2.2-6.1Z" fill="var(--on-accent)" />
    </svg>
  );
}
export const DocumentIcon = icon(
  <path d="M8 3.5C5.5 3.5 6.8 8.6 4 10c2.8 1.4 1.5 6.5 4 6.5M12 3.5c2.5 0 1.2 5.1 4 6.5-2.8 1.4-1.5 6.5-4 6.5" />,
);
export const ChatIcon = icon(
  <path d="M4.5 4.5h11A1.5 1.5 0 0 1 17 6v6a1.5 1.5 0 0 1-1.5 1.5H10L6 16.5v-3H4.5A1.5 1.5 0 0 1 3 12V6a1.5 1.5 0 0 1 1.5-1.5Z" />,
);
export const StreamIcon = icon(<path d="M2.5 10.5h3l2-6 4 11.5 2.5-7.5.8 2h2.7" />);
export const MapIcon = icon(
  <>
    <path d="M10 17s5.5-4.6 5.5-8.7a5.5 5.5 0 0 0-11 0C4.5 12.400 10 17 10 17Z" />
    <circle cx="10" cy="8.2" r="1.9" />
  </>,
);
