import { createElement, type ReactNode } from "react";
import { renderToString } from "react-dom/server";
import { expect, test, vi } from "vitest";
import { connect } from "../client/index.ts";
import { useDocument, usePresence } from "./index.ts";

test("rendering on a server shows a room that is connecting, and connects to nothing", () => {
  const WebSocket = vi.fn<() => never>();
  const rooms = connect("http://127.0.0.1:9", { WebSocket });
  function Note(): ReactNode {
    const { value, status, pending, document } = useDocument(rooms, "a");
    const peers = usePresence(document, { name: "me" });
    return JSON.stringify([value, status.phase, pending, peers]);
  }
  expect(renderToString(createElement(Note)).replaceAll("&quot;", '"')).toBe('[null,"connecting",0,[]]');
  expect(WebSocket).not.toHaveBeenCalled();
  rooms.close();
});
