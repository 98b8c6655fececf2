// The soak's WebSocket endpoint: echoes, then ends as the query says.
import { WebSocketServer } from "ws";
import { readQuery } from "./origin-answers.mjs";

const server = new WebSocketServer({ noServer: true, perMessageDeflate: { threshold: 512 } });

/**
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:net").Socket} socket
 * @param {Buffer} head
 */
export function upgrade(request, socket, head) {
  const { kind, query } = readQuery(request.url ?? "/");
  socket.on("error", () => socket.destroy());
  if (kind !== "websocket") {
    socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
    return;
  }
  server.handleUpgrade(request, socket, head, (websocket) => {
    let left = Number(query.get("messages"));
    websocket.on("error", () => websocket.terminate());
    websocket.on("message", (data, isBinary) => {
      websocket.send(data, { binary: isBinary }, () => {
        left--;
        if (left > 0) return;
        if (query.get("end") === "server") websocket.close(Number(query.get("code")), "as asked");
        if (query.get("end") === "abrupt") websocket.terminate();
      });
    });
  });
}
