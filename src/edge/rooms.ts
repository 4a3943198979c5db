import { openEvents } from "./events.ts";
import type { Resource } from "./resource.ts";
import { NATIVE, openSocket } from "./sockets.ts";
import { deleteState, getHistory, getRoster, getState, postIntents } from "./state.ts";
import { deleteVersion, listVersions, readVersion, restoreVersion, saveVersion } from "./versions.ts";

/** What every room has, whatever its kind. */
export const ROOM: readonly Resource[] = [
  {
    path: "",
    methods: {
      GET: { needs: "read", run: getState },
      POST: { needs: "write", run: postIntents },
      DELETE: { needs: "write", run: deleteState },
    },
  },
  { path: "/ws", socket: true, methods: { GET: { needs: "read", run: (visit) => openSocket(visit, NATIVE) } } },
  { path: "/events", methods: { GET: { needs: "read", run: openEvents } } },
  { path: "/history", methods: { GET: { needs: "read", run: getHistory } } },
  { path: "/presence", methods: { GET: { needs: "read", run: getRoster } } },
  {
    path: "/versions",
    methods: { GET: { needs: "read", run: listVersions }, POST: { needs: "write", run: saveVersion } },
  },
  {
    path: "/versions/:name",
    methods: { GET: { needs: "read", run: readVersion }, DELETE: { needs: "admin", run: deleteVersion } },
  },
  { path: "/versions/:name/restore", methods: { POST: { needs: "write", run: restoreVersion } } },
];
