// Where recorded WebSockets are played: a server on the loopback that stands for their origins, so that the proxy's own
// way for WebSockets is used. A handshake gets in with a token of one use.
import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { headerValue } from "../../exchange/headers.js";
import type { Pace } from "./pace.js";
import type { Recorded } from "./recorded.js";
import { responseOf } from "./recorded-answer.js";
import { WebSocketPlay } from "./web-socket-play.js";

/** Of RFC 6455 section 4.2.2. */
const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** Handshakes on their way; one whose client left meanwhile stays until so many others came. */
const MOST_EXPECTED = 10_000;
const OWN_FIELD =
  /^(?:upgrade|connection|sec-websocket-(?:accept|extensions|version)|content-length|transfer-encoding|:.*)$/i;

/** An imported value may have what would end the field. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
const BREAK = /[\x00\r\n]/;

export class WebSocketStage {
  readonly #pace: Pace;
  readonly #onFailure: (error: unknown) => void;
  readonly #expected = new Map<string, Recorded>();
  readonly #sockets = new Set<Duplex>();
  #listening: Promise<Server> | undefined;

  /** @param onFailure a message could not be read */
  constructor(pace: Pace, onFailure: (error: unknown) => void) {
    this.#pace = pace;
    this.#onFailure = onFailure;
  }

  /** @returns the URL to which a handshake has to go to get this one. */
  async expect(recorded: Recorded): Promise<string> {
    this.#listening ??= this.#listen();
    const server = await this.#listening;
    const token = randomUUID();
    this.#expected.set(token, recorded);
    if (this.#expected.size > MOST_EXPECTED) this.#expected.delete(this.#expected.keys().next().value ?? "");
    const { port } = server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/${token}`;
  }

  async close(): Promise<void> {
    const server = await this.#listening?.catch(() => undefined);
    for (const socket of this.#sockets) socket.destroy();
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  async #listen(): Promise<Server> {
    const server = createServer((_request, response) => response.writeHead(404).end());
    server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return server;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const token = request.url?.slice(1) ?? "";
    const recorded = this.#expected.get(token);
    const key = request.headers["sec-websocket-key"];
    if (recorded === undefined || key === undefined) {
      socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      return;
    }
    this.#expected.delete(token);
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.write(handshake(recorded, key, request.headers["sec-websocket-protocol"]));
    new WebSocketPlay(socket, recorded, this.#pace).run(head).catch((error: unknown) => {
      socket.destroy();
      this.#onFailure(error);
    });
  }
}

/** With the fields of the recorded one, its subprotocol where the client offers that. */
function handshake(recorded: Recorded, key: string, offered: string | undefined): string {
  const headers = responseOf(recorded.exchange)?.headers ?? [];
  const protocol = headerValue(headers, "sec-websocket-protocol");
  const offers = offered?.split(",").map((each) => each.trim()) ?? [];
  const isAgreed = protocol !== undefined && offers.includes(protocol);
  const kept = headers.filter(
    ([name, value]) =>
      !OWN_FIELD.test(name) && !BREAK.test(value) && (isAgreed || !/^sec-websocket-protocol$/i.test(name)),
  );
  const accept = createHash("sha1").update(`${key}${ACCEPT_SUFFIX}`).digest("base64");
  const own = ["Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Accept: ${accept}`];
  const lines = [...own, ...kept.map(([name, value]) => `${name}: ${value}`)];
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.join("\r\n")}\r\n\r\n`;
}
