export { lineChat } from "./dialect.ts";
