export { mapPin } from "./dialect.ts";
