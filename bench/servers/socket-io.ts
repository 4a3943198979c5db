import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { announce } from "./announce.ts";

/** Socket.IO, as its tutorial broadcasts. */
const http = createServer();
const io = new Server(http, { transports: ["websocket"] });
io.on("connection", (socket) => {
  socket.on("message", (message: string) => {
    io.emit("message", message);
  });
});
http.listen(0, "127.0.0.1");
await once(http, "listening");
announce((http.address() as AddressInfo).port);
