// --mode reverse: a client that can't use a proxy talks to the port as if it were the origin. What it says is served as
// it would be behind a CONNECT to that origin.
import type { Socket } from "node:net";
import { serveConnect } from "./connect.js";
import type { ProxyServices } from "./proxy-services.js";
import type { ConnectAnswers } from "./routes.js";
import { connectRequest } from "./socks-server.js";
import type { Origin } from "./target.js";

const NOTHING = Buffer.alloc(0);

/** The client knows of no CONNECT: it is told nothing but what the origin says, or that the connection is over. */
const SILENT: ConnectAnswers = { established: NOTHING, failed: () => NOTHING };

export function serveReverse(services: ProxyServices, socket: Socket, origin: Origin): void {
  socket.on("error", () => socket.destroy());
  const request = connectRequest(origin.host, origin.port, SILENT);
  serveConnect(services, { ...request, reverse: origin }, { socket, rest: NOTHING });
}
