import { type Connection, Server, type WSMessage } from "partyserver";

/** PartyServer's own broadcast example. */
export class PartyRoom extends Server {
  static override options = { hibernate: true };

  override onMessage(_connection: Connection, message: WSMessage): void {
    this.broadcast(message);
  }
}
