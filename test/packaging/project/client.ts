import { connect, RoomcastError } from "roomcast";

const rooms = connect(process.argv[2] ?? "http://localhost:8787");
const note = rooms.document<{ title: string; count?: number }>("note");
await note.ready();
await note.set({ title: "packed" });
await note.update([{ op: "increment", path: "/count", by: 2 }]);
const refused = await note.merge({ title: "late" }, { ifVersion: "none.1" }).catch((error: unknown) => error);
console.log(JSON.stringify({ value: note.value, refused: refused instanceof RoomcastError }));
rooms.close();
