export { rawEvents } from "./dialect.ts";
