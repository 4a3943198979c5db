import { useCallback, useEffect, useState } from "react";
import { useToast } from "../ui/toasts.tsx";
import { tidy } from "./geo.ts";
import type { MapSession } from "./session.ts";

/** How this person's place is shared: not at all, as the device finds it, or as they put it on the map. */
export type Sharing = "off" | "device" | "hand";

export interface LocationSharing {
  readonly sharing: Sharing;
  readonly start: () => void;
  /** Puts this person in the middle of the map. */
  readonly place: () => void;
  readonly stop: () => void;
}

const REASONS: Readonly<Record<number, string>> = {
  1: "This browser was told not to give your location.",
  2: "This device does not know where it is.",
  3: "This device takes too long to find where it is.",
};

/** Shares where this person is for as long as they want it, and not after the page is left. */
export function useLocationSharing(session: MapSession): LocationSharing {
  const [sharing, setSharing] = useState<Sharing>("off");
  const toast = useToast();

  useEffect(() => {
    if (sharing !== "device") return undefined;
    const watch = navigator.geolocation.watchPosition(
      ({ coords: { longitude, latitude, accuracy, heading } }) => {
        const [lng, lat] = tidy([longitude, latitude]);
        // Standing still has no heading: browsers say null, or NaN.
        const turned = heading === null || Number.isNaN(heading) ? {} : { heading: Math.round(heading) };
        session.locate({ lng, lat, accuracy: Math.round(accuracy), ...turned });
      },
      ({ code }) => {
        setSharing("off");
        session.locate(undefined);
        toast({
          tone: "bad",
          text: REASONS[code] ?? "Your location cannot be had.",
          detail: "You can put yourself on the map by hand.",
        });
      },
      { enableHighAccuracy: true, maximumAge: 5_000, timeout: 20_000 },
    );
    return () => navigator.geolocation.clearWatch(watch);
  }, [sharing, session, toast]);

  const start = useCallback(() => {
    if ("geolocation" in navigator) setSharing("device");
    else toast({ tone: "bad", text: "This browser has no location." });
  }, [toast]);
  const place = useCallback(() => {
    const [lng, lat] = tidy(session.camera?.center() ?? [0, 0]);
    setSharing("hand");
    session.locate({ lng, lat });
  }, [session]);
  const stop = useCallback(() => {
    setSharing("off");
    session.locate(undefined);
  }, [session]);
  return { sharing, start, place, stop };
}
