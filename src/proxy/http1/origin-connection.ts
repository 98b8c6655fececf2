// One HTTP/1 connection to an origin: serves one exchange at a time, and waits idle in the pool in between.
import type { Socket } from "node:net";
import type { ServerEndpoint } from "../../exchange/exchange.js";
import { headerValues, type RawHeaders } from "../../exchange/headers.js";
import type { DetachedConnection, OriginEnd, OriginListener, OutgoingRequest } from "../ends.js";
import { requestToHttp1 } from "../http2/translate.js";
import { BodyFramer } from "./body-framer.js";
import { type Framing, responseFraming } from "./framing.js";
import { parseResponseHead, type ResponseHead } from "./head.js";
import { MalformedMessage } from "./malformed.js";
import { MessageReader } from "./message-reader.js";
import { serialiseRequestHead } from "./serialise.js";
import { ConnectionWriter } from "./writer.js";

/** What the pool wants to know of its connections. */
export interface OriginConnectionOwner {
  /** The exchange is over and the connection may serve another. */
  idle(connection: Http1OriginConnection): void;
  closed(connection: Http1OriginConnection): void;
}

export class Http1OriginConnection implements OriginEnd {
  readonly socket: Socket;
  readonly #transport: Socket;
  readonly #owner: OriginConnectionOwner;
  readonly #firstEndpoint: ServerEndpoint;
  readonly #reusedEndpoint: ServerEndpoint;
  readonly #writer: ConnectionWriter;
  readonly #reader: MessageReader<ResponseHead>;
  #framer: BodyFramer | undefined;
  #listener: OriginListener | undefined;
  #method = "GET";
  #used = false;
  #reusable = true;
  #inputEnded = false;
  #detached = false;
  #dead = false;
  /** Who uses it, or used it last. */
  client: object | undefined;
  #bound = false;
  /** `performance.now()` since when it waits in the pool, where it may begin: one that was made to ask for a protocol. */
  idleSince = performance.now();

  constructor(options: {
    socket: Socket;
    transport: Socket;
    endpoint: Omit<ServerEndpoint, "reused">;
    owner: OriginConnectionOwner;
  }) {
    this.socket = options.socket;
    this.#transport = options.transport;
    this.#owner = options.owner;
    this.#firstEndpoint = { ...options.endpoint, reused: false };
    this.#reusedEndpoint = { ...options.endpoint, reused: true };
    this.#writer = new ConnectionWriter(this.socket);
    this.#reader = new MessageReader(
      parseResponseHead,
      {
        onHead: (head) => this.#onHead(head),
        onBody: (wire, data) => this.#listener?.originBody(wire, data),
        onEnd: (trailers) => this.#listener?.originEnd(trailers),
      },
      { bareLineFeeds: true },
    );
    this.socket.on("data", this.#onData);
    this.socket.on("end", this.#onEnd);
    this.socket.on("error", this.#onError);
    this.socket.on("close", this.#onClose);
    this.socket.on("drain", this.#onDrain);
  }

  /** It was authenticated for its client, and may serve nobody else. */
  get bound(): boolean {
    return this.#bound;
  }

  get endpoint(): ServerEndpoint {
    return this.#used ? this.#reusedEndpoint : this.#firstEndpoint;
  }

  /** False once the origin ended the connection or sent what nobody asked for. */
  get alive(): boolean {
    return !this.#dead && !this.#inputEnded && this.#reusable && this.#reader.restLength === 0;
  }

  /** Begins an exchange. */
  attach(listener: OriginListener): void {
    this.#listener = listener;
    this.#reader.next();
  }

  sendHead(head: OutgoingRequest): void {
    this.#method = head.method;
    if (head.bindsConnection === true) this.#bound = true;
    if (head.httpVersion === "HTTP/1.0" && !asksToStay(head.headers)) this.#reusable = false;
    this.#framer = new BodyFramer(this.#writer, head.bytes === undefined ? head.framing : "as-it-came");
    if (head.bytes !== undefined) this.#writer.write(head.bytes);
    else if (head.http2 === undefined) this.#writer.write(serialiseRequestHead(head));
    else this.#writer.write(serialiseRequestHead({ ...head, headers: requestToHttp1(head) }));
  }

  sendBody(wire: Buffer, data: readonly Buffer[]): void {
    if (!this.#dead) this.#framer?.body(wire, data);
  }

  sendEnd(trailers: RawHeaders): void {
    if (!this.#dead) this.#framer?.end(trailers);
  }

  flush(): boolean {
    return this.#dead || this.#writer.flush();
  }

  pauseResponse(): void {
    this.socket.pause();
  }

  resumeResponse(): void {
    this.socket.resume();
  }

  halfClose(): void {
    this.#reusable = false;
    this.#writer.flush();
    this.socket.end();
  }

  abort(): void {
    this.#listener = undefined;
    this.#reusable = false;
    this.#dead = true;
    this.socket.destroy();
    this.#transport.destroy();
  }

  release(): void {
    this.#listener = undefined;
    this.#framer = undefined;
    this.#used = true;
    if (this.alive) {
      this.idleSince = performance.now();
      this.socket.resume();
      this.#owner.idle(this);
    } else this.abort();
  }

  /** The connection now belongs to a tunnel; whoever detaches attaches listeners of its own. */
  detach(): DetachedConnection {
    this.#detached = true;
    this.#listener = undefined;
    this.socket.pause();
    this.socket.off("data", this.#onData);
    this.socket.off("end", this.#onEnd);
    this.socket.off("drain", this.#onDrain);
    return { socket: this.socket, transport: this.#transport, rest: this.#reader.takeRest() };
  }

  #onHead(head: ResponseHead): Framing | "informational" | "detach" {
    if (head.facts.bindsConnection) this.#bound = true;
    const outgoing = {
      status: head.status,
      reason: head.reason,
      httpVersion: head.httpVersion,
      headers: head.headers,
      bytes: head.bytes,
      framing: responseFraming(this.#method, head.status, head.facts),
      closes: false,
    };
    if (head.status < 200 && head.status !== 101) {
      this.#listener?.originInformational(outgoing);
      return "informational";
    }
    const closes = closesAfter(head, outgoing.framing);
    if (closes) this.#reusable = false;
    return this.#listener?.originHead({ ...outgoing, closes }) ?? outgoing.framing;
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#listener === undefined) {
      // Bytes that belong to no exchange must never answer the next one (response splitting).
      this.abort();
      return;
    }
    try {
      this.#reader.feed(chunk);
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error;
      this.#fail("malformed", error.message);
      return;
    }
    this.#listener?.originFlush();
  };

  readonly #onEnd = (): void => {
    this.#inputEnded = true;
    this.#reusable = false;
    const outcome = this.#reader.endOfInput();
    if (this.#listener === undefined) {
      this.socket.destroy();
      return;
    }
    if (outcome === "truncated")
      this.#fail("closed", "the origin closed the connection before its response was complete");
    else if (this.#reader.betweenMessages) this.#endBetweenMessages();
  };

  /** Ended with a listener: either the response is complete, or none has begun. */
  #endBetweenMessages(): void {
    this.#listener?.originFlush();
    this.#fail("closed", "the origin closed the connection without a response");
  }

  readonly #onError = (error: NodeJS.ErrnoException): void => {
    this.#fail("reset", `the connection to the origin broke: ${error.code ?? error.message}`);
  };

  readonly #onClose = (): void => {
    this.#fail("closed", "the origin closed the connection before its response was complete");
    this.#dead = true;
    this.#transport.destroy();
    this.#owner.closed(this);
  };

  readonly #onDrain = (): void => {
    this.#listener?.originDrained();
  };

  #fail(kind: "reset" | "closed" | "malformed", message: string): void {
    const listener = this.#listener;
    this.#listener = undefined;
    this.#reusable = false;
    this.#dead = true;
    if (!this.#detached) this.socket.destroy();
    listener?.originFailed({ kind, message });
  }
}

/** RFC 9112 section 9.3: an HTTP/1.0 request asks for it, or the origin ends the connection. */
function asksToStay(headers: RawHeaders): boolean {
  return headerValues(headers, "connection").join().toLowerCase().includes("keep-alive");
}

function closesAfter(head: ResponseHead, framing: Framing): boolean {
  if (head.facts.connection.includes("close") || framing.kind === "close") return true;
  // RFC 9112 section 9.3: HTTP/1.0 persists only where it says so.
  if (head.httpVersion === "HTTP/1.0" && !head.facts.connection.includes("keep-alive")) return true;
  // Both fields: RFC 9112 section 6.3 wants the connection closed, since someone may have read it otherwise.
  return head.facts.transferEncodings.length > 0 && head.facts.contentLengths.length > 0;
}
