// A TCP relay between a real WebSocket client and server that shows a watcher the bytes after the handshake; for tests.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Recording } from "../../../src/exchange/recording.js";
import { type WatchedWebSocket, WebSocketWatcher } from "../../../src/proxy/websocket/watcher.js";
import { EXCHANGE } from "./frames.js";

export interface Relay {
  readonly port: number;
  /** The one connection's extensions as agreed on, and what was seen, when it is over. */
  readonly watched: Promise<WatchedWebSocket & { readonly extensions: string | undefined }>;
  close(): void;
}

/** Relays one connection to `targetPort`, with the watcher's backpressure. */
export async function relay(targetPort: number, recording: Recording): Promise<Relay> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const watched = once(server, "connection").then(([client]: Socket[]) =>
    pass(client!, targetPort, recording),
  );
  return { port: (server.address() as AddressInfo).port, watched, close: () => server.close() };
}

async function pass(client: Socket, targetPort: number, recording: Recording) {
  const origin = connect(targetPort, "127.0.0.1");
  let extensions: string | undefined;
  let watcher: WebSocketWatcher | undefined;
  forward(client, origin, (chunk) => watcher?.fromClient(chunk));
  let head = Buffer.alloc(0);
  forward(origin, client, (chunk) => {
    if (watcher !== undefined) return watcher.fromServer(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end === -1) return;
    extensions = /^sec-websocket-extensions: *(.*)\r$/im.exec(head.toString("latin1", 0, end + 2))?.[1];
    watcher = new WebSocketWatcher({ exchange: EXCHANGE, recording, extensions });
    watcher.fromServer(head.subarray(end + 4));
  });
  await Promise.all([once(client, "close"), once(origin, "close")]);
  return { ...(await watcher!.end()), extensions };

  function forward(from: Socket, to: Socket, watch: (chunk: Buffer) => void): void {
    from.on("data", (chunk: Buffer) => {
      watch(chunk);
      if (!to.write(chunk)) {
        from.pause();
        to.once("drain", () => from.resume());
      }
    });
    from.on("end", () => to.end());
    from.on("error", () => to.destroy());
  }
}
