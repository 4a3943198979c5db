import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { announce } from "./announce.ts";

/** `ws` on Node, as its README broadcasts: every client of the path is one room. */
const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
server.on("connection", (socket) => {
  socket.on("error", () => undefined);
  socket.on("message", (data) => {
    for (const client of server.clients) client.send(data, { binary: false });
  });
});
await once(server, "listening");
announce((server.address() as AddressInfo).port);
