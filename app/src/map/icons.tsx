import type { Feature } from "roomcast";
import { icon } from "../ui/icons.tsx";
import { ICON_PATHS, colorOf, iconOf } from "./marks.ts";

export const HandIcon = icon(<path d="m5 3.5 4.2 13 2.2-5.1 5.1-2.2Z" />);
export const PinIcon = icon(
  <>
    <path d="M10 17.5c-3.4-3.6-5.6-6.6-5.6-9.4a5.6 5.6 0 0 1 11.2 0c0 2.8-2.2 5.8-5.6 9.4Z" />
    <circle cx="10" cy="8.1" r="1.9" />
  </>,
);
export const RouteIcon = icon(
  <>
    <circle cx="4.8" cy="15" r="1.9" />
    <circle cx="15.2" cy="5" r="1.9" />
    <path d="M6.7 15h5.1a2.9 2.9 0 0 0 0-5.8H8.2a2.1 2.1 0 0 1 0-4.2h5.1" />
  </>,
);
export const AreaIcon = icon(<path d="m4 6.5 6.5-3L16.5 8l-2 8-9 .5Z" strokeDasharray="2.6 2.2" />);
export const UndoIcon = icon(<path d="M7.5 4.5 4 8l3.5 3.5M4 8h7.5a4.5 4.5 0 0 1 0 9H8" />);
export const MinusIcon = icon(<path d="M4.5 10h11" />);
export const FitIcon = icon(
  <>
    <path d="M3.5 7V4.8a1.3 1.3 0 0 1 1.3-1.3H7m6 0h2.2a1.3 1.3 0 0 1 1.3 1.3V7m0 6v2.2a1.3 1.3 0 0 1-1.3 1.3H13m-6 0H4.8a1.3 1.3 0 0 1-1.3-1.3V13" />
    <circle cx="10" cy="10" r="2.2" />
  </>,
);
export const TargetIcon = icon(
  <>
    <circle cx="10" cy="10" r="4.6" />
    <path d="M10 2.8v3m0 8.4v3M2.8 10h3m8.4 0h3" />
  </>,
);
export const FollowIcon = icon(
  <>
    <circle cx="10" cy="6.6" r="2.8" />
    <path d="M4.5 16.5a5.5 5.5 0 0 1 11 0" />
  </>,
);
export const DownloadIcon = icon(<path d="M10 3.5v9m-3.5-3.3L10 12.7l3.5-3.5M4 16.5h12" />);
export const UploadIcon = icon(<path d="M10 12.7v-9M6.5 7 10 3.5 13.5 7M4 16.5h12" />);
export const CopyIcon = icon(
  <>
    <rect x="7" y="7" width="9.5" height="9.5" rx="1.5" />
    <path d="M13 4.8A1.3 1.3 0 0 0 11.7 3.5H4.8a1.3 1.3 0 0 0-1.3 1.3v6.9A1.3 1.3 0 0 0 4.8 13" />
  </>,
);
export const SearchIcon = icon(
  <>
    <circle cx="9" cy="9" r="5" />
    <path d="m12.8 12.8 3.7 3.7" />
  </>,
);
export const DrawOnIcon = icon(<path d="m3.8 16.2.8-3.4 8.6-8.6 2.6 2.6-8.6 8.6ZM11.5 6l2.6 2.6" />);

/** A pin's own icon, by name. */
export function MarkIcon({ name, size = 16 }: { readonly name: string | undefined; readonly size?: number }) {
  const mark = iconOf(name);
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill={mark === "pin" ? "currentColor" : "none"}
      stroke="currentColor"
      strokeWidth="1.7"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={ICON_PATHS[mark]} />
    </svg>
  );
}

/** What a feature looks like on the map, small: a pin's head, a stroke, a dashed field. */
export function FeatureMark({ feature }: { readonly feature: Feature }) {
  const style = { "--mark": colorOf(feature.color) } as React.CSSProperties;
  switch (feature.geometry.type) {
    case "Point":
      return (
        <span className="mark" style={style}>
          <MarkIcon name={feature.icon} />
        </span>
      );
    case "LineString":
      return (
        <span className="mark line" style={style}>
          <RouteIcon size={16} />
        </span>
      );
    case "Polygon":
      return (
        <span className="mark field" style={style}>
          <AreaIcon size={16} />
        </span>
      );
  }
}
