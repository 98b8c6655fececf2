// The ws package on streams of HTTP/2: it upgrades over HTTP/1 only, so each of its ends gets a connection that speaks
// HTTP/1 to it and an extended CONNECT (RFC 8441 section 5) to the other side.
import { createHash } from "node:crypto";
import http from "node:http";
import type http2 from "node:http2";
import net from "node:net";
import { Duplex } from "node:stream";
import WebSocket, { type WebSocketServer } from "ws";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const HOP_FIELDS = new Set(["connection", "upgrade", "host", "sec-websocket-key", "sec-websocket-accept"]);

/** A client on a new stream of `session`. */
export function webSocketOver(
  session: http2.ClientHttp2Session,
  path: string,
  options: WebSocket.ClientOptions & { protocols?: string[] } = {},
): WebSocket {
  const { protocols = [], ...rest } = options;
  const agent = new FaceAgent(() => new Http1Face((head) => requestOn(session, head)));
  return new WebSocket(`ws://localhost${path}`, protocols, { ...rest, agent });
}

/** Lets `server` take an extended CONNECT for a WebSocket. */
export function acceptWebSocket(
  server: WebSocketServer,
  stream: http2.ServerHttp2Stream,
  headers: http2.IncomingHttpHeaders,
): void {
  const face = new Http1Face((head) => {
    stream.respond({ ":status": 200, ...Object.fromEntries(endToEnd(head)) });
    return { stream, answer: undefined };
  });
  const request = Object.assign(new http.IncomingMessage(new net.Socket()), {
    method: "GET",
    url: headers[":path"],
    headers: { ...headers, upgrade: "websocket", "sec-websocket-key": Buffer.alloc(16).toString("base64") },
  });
  server.handleUpgrade(request, face, Buffer.alloc(0), (webSocket) =>
    server.emit("connection", webSocket, request),
  );
}

function requestOn(session: http2.ClientHttp2Session, head: string): Opened {
  const stream = session.request(
    {
      ":method": "CONNECT",
      ":protocol": "websocket",
      ":scheme": "https",
      ":path": head.split(" ", 2)[1],
      ...Object.fromEntries(endToEnd(head)),
    },
    { endStream: false },
  );
  const key = /^sec-websocket-key: (.*)$/im.exec(head)?.[1] ?? "";
  const answer = new Promise<string>((resolve) => {
    stream.on("response", (headers) => resolve(http1Answer(headers, key)));
  });
  return { stream, answer };
}

function http1Answer(headers: http2.IncomingHttpHeaders, key: string): string {
  const status = Number(headers[":status"]);
  const fields = Object.entries(headers).filter(([name]) => !name.startsWith(":"));
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  if (status !== 200) return `HTTP/1.1 ${status} No\r\n${lines}\r\n`;
  const accept = createHash("sha1")
    .update(key + GUID)
    .digest("base64");
  const upgrade = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n`;
  return `HTTP/1.1 101 Switching Protocols\r\n${upgrade}${lines}\r\n`;
}

/** The fields of a head of HTTP/1 that are not its connection's. */
function endToEnd(head: string): [string, string][] {
  return head
    .split("\r\n")
    .slice(1)
    .filter((line) => line !== "")
    .map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    })
    .filter(([name]) => !HOP_FIELDS.has(name));
}

interface Opened {
  readonly stream: http2.Http2Stream;
  /** What is read before the stream's data. */
  readonly answer: Promise<string> | undefined;
}

/** Makes "connections" for one request each. */
class FaceAgent extends http.Agent {
  readonly #make: () => Duplex;

  constructor(make: () => Duplex) {
    super();
    this.#make = make;
  }

  override createConnection(): Duplex {
    return this.#make();
  }
}

/** A connection whose writer begins with a head of HTTP/1, by which the stream behind it is opened. */
class Http1Face extends Duplex {
  readonly #open: (head: string) => Opened;
  #head = "";
  #stream: http2.Http2Stream | undefined;

  constructor(open: (head: string) => Opened) {
    super({ allowHalfOpen: true });
    this.#open = open;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.#stream !== undefined) {
      if (this.#stream.writable) this.#stream.write(chunk, done);
      else done();
      return;
    }
    this.#head += chunk.toString("latin1");
    const end = this.#head.indexOf("\r\n\r\n");
    if (end !== -1) {
      const rest = Buffer.from(this.#head.slice(end + 4), "latin1");
      void this.#begin(this.#open(this.#head.slice(0, end)));
      if (rest.length > 0) this.#stream!.write(rest);
    }
    done();
  }

  override _read(): void {
    this.#stream?.resume();
  }

  override _final(done: () => void): void {
    this.#stream?.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#stream?.destroy();
    done(error);
  }

  async #begin({ stream, answer }: Opened): Promise<void> {
    this.#stream = stream;
    stream.pause();
    stream.on("error", () => this.destroy());
    stream.on("close", () => {
      if (stream.rstCode !== 0) this.destroy();
    });
    if (answer !== undefined) this.push(await answer);
    stream.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) stream.pause();
    });
    stream.on("end", () => this.push(null));
    stream.resume();
  }
}
