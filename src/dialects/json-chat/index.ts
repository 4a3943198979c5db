export { jsonChat, type JsonChatSession } from "./dialect.ts";
