// The Upgrade of a WebSocket over HTTP/1 (RFC 6455 section 4) to an origin that speaks HTTP/2 alone, as the extended
// CONNECT of RFC 8441 section 5: the origin's 2xx is the client's 101, and the stream then stands for a connection.
import { createHash } from "node:crypto";
import type { ServerEndpoint } from "../../exchange/exchange.js";
import { headerValue, type RawHeaders } from "../../exchange/headers.js";
import type {
  DetachedConnection,
  OriginEnd,
  OriginFailure,
  OriginListener,
  OutgoingRequest,
  OutgoingResponse,
} from "../ends.js";
import { NO_BODY } from "../http1/framing.js";
import type { Http2OriginStream } from "./origin-stream.js";
import { StreamSocket } from "./stream-socket.js";
import { requestToHttp2 } from "./translate.js";

/** Whether a request of HTTP/1 asks for a WebSocket. RFC 9110 section 7.8: of HTTP/1.0 an Upgrade is ignored. */
export function asksForWebSocket({ method, httpVersion, headers, framing }: OutgoingRequest): boolean {
  if (method !== "GET" || httpVersion !== "HTTP/1.1" || framing.kind !== "none") return false;
  return headerValue(headers, "upgrade")?.toLowerCase() === "websocket" && keyOf(headers) !== undefined;
}

export class UpgradeStream implements OriginEnd, OriginListener {
  readonly endpoint: ServerEndpoint;
  readonly #stream: Http2OriginStream;
  #listener: OriginListener | undefined;
  /** Of the request; absent where none was made after all. */
  #key: string | undefined;
  #accepted = false;
  #socket: StreamSocket | undefined;

  constructor(stream: Http2OriginStream) {
    this.#stream = stream;
    this.endpoint = stream.endpoint;
  }

  attach(listener: OriginListener): void {
    this.#listener = listener;
    this.#stream.attach(this);
  }

  // From the flow: see OriginEnd.

  sendHead(head: OutgoingRequest): void {
    // A rule may have made another request of it.
    this.#key = asksForWebSocket(head) ? keyOf(head.headers) : undefined;
    if (this.#key === undefined) this.#stream.sendHead(head);
    else this.#stream.sendHead({ ...head, http2: extendedConnect(head, this.#stream.scheme) });
  }

  sendBody(wire: Buffer, data: readonly Buffer[]): void {
    this.#stream.sendBody(wire, data);
  }

  /** What the request ends with is where the tunnel begins. */
  sendEnd(trailers: RawHeaders): void {
    if (this.#key === undefined) this.#stream.sendEnd(trailers);
  }

  flush(): boolean {
    return this.#stream.flush();
  }

  pauseResponse(): void {
    this.#stream.pauseResponse();
  }

  resumeResponse(): void {
    this.#stream.resumeResponse();
  }

  abort(http2Code?: number): void {
    if (this.#socket === undefined) this.#stream.abort(http2Code);
    else this.#socket.destroy();
  }

  release(): void {
    this.#stream.release();
  }

  detach(): DetachedConnection {
    this.#listener = undefined;
    this.#socket = new StreamSocket(this.#stream);
    return { socket: this.#socket, rest: Buffer.alloc(0) };
  }

  // From the stream: see OriginListener.

  originInformational(head: OutgoingResponse): void {
    this.#listener?.originInformational(head);
  }

  originHead(head: OutgoingResponse): "detach" | undefined {
    this.#accepted = this.#key !== undefined && head.status < 300;
    if (this.#accepted) return this.#listener?.originHead(switching(head, this.#key!));
    // Refused: it was a request like any other, of which no more comes.
    if (this.#key !== undefined) this.#stream.sendEnd([]);
    return this.#listener?.originHead(head);
  }

  originBody(wire: Buffer, data: readonly Buffer[]): void {
    if (this.#socket === undefined) this.#listener?.originBody(wire, data);
    else for (const piece of data) this.#socket.received(piece);
  }

  originEnd(trailers: RawHeaders): void {
    // With the head comes the end where nothing is to follow.
    if (this.#accepted) this.#listener?.originFlush();
    if (this.#socket === undefined) this.#listener?.originEnd(trailers);
    else this.#socket.endReceived();
  }

  originFlush(): void {
    this.#listener?.originFlush();
  }

  originDrained(): void {
    if (this.#socket === undefined) this.#listener?.originDrained();
    else this.#socket.drained();
  }

  originFailed(failure: OriginFailure): void {
    if (this.#socket === undefined) this.#listener?.originFailed(failure);
    else this.#socket.failed(failure);
  }
}

function keyOf(headers: RawHeaders): string | undefined {
  return headerValue(headers, "sec-websocket-key");
}

/** RFC 8441 section 5: the key and its answer are of no use there. */
function extendedConnect(head: OutgoingRequest, scheme: string): RawHeaders {
  const fields = requestToHttp2(head, scheme).filter(
    ([name]) => name !== ":method" && name !== "sec-websocket-key",
  );
  return [[":method", "CONNECT"], [":protocol", "websocket"], ...fields];
}

/** RFC 6455 section 1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const OF_HTTP1: ReadonlySet<string> = new Set(["sec-websocket-accept", "content-length"]);

function switching(accepted: OutgoingResponse, key: string): OutgoingResponse {
  const accept = createHash("sha1").update(`${key}${GUID}`).digest("base64");
  return {
    status: 101,
    reason: "Switching Protocols",
    httpVersion: accepted.httpVersion,
    headers: [
      ["Upgrade", "websocket"],
      ["Connection", "Upgrade"],
      ["Sec-WebSocket-Accept", accept],
      ...accepted.headers.filter(([name]) => !OF_HTTP1.has(name)),
    ],
    bytes: undefined,
    framing: NO_BODY,
    closes: false,
  };
}
