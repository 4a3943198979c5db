import { connect, RoomcastError } from "roomcast";
import { tickets } from "./tickets.ts";

const rooms = connect(process.argv[2] ?? "http://localhost:8787");
const note = rooms.document<{ title: string; count?: number }>("note");
await note.ready();
await note.set({ title: "packed" });
await note.update([{ op: "increment", path: "/count", by: 2 }]);
const refused = await note.merge({ title: "late" }, { ifVersion: "none.1" }).catch((error: unknown) => error);
// A kind of one's own, which is another copy of roomcast/kind than the one in roomcast/server.
const opera = rooms.room(tickets, "opera");
await opera.mutate({ take: 2 });
const soldOut = await opera.mutate({ take: 2 }).catch((error: RoomcastError) => `${error.code}: ${error.message}`);
console.log(JSON.stringify({ value: note.value, refused: refused instanceof RoomcastError, soldOut }));
rooms.close();
