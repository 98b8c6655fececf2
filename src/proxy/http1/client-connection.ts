// One HTTP/1 connection from a client: reads its requests one after another and writes their responses in order.
import type { Socket } from "node:net";
import type { ClientEndpoint } from "../../exchange/exchange.js";
import type { RawHeaders } from "../../exchange/headers.js";
import type { ClientEnd, DetachedConnection, OutgoingResponse } from "../ends.js";
import type { ExchangeFlow } from "../exchange-flow.js";
import { responseToHttp1 } from "../http2/translate.js";
import { answerBytes, type OwnAnswer, plainAnswer } from "../own-answer.js";
import { cutIfStalled } from "../stall.js";
import { BodyFramer } from "./body-framer.js";
import type { Framing } from "./framing.js";
import { parseRequestHead, type RequestHead } from "./head.js";
import { MalformedMessage } from "./malformed.js";
import { MessageReader } from "./message-reader.js";
import { serialiseResponseHead } from "./serialise.js";
import { ConnectionWriter } from "./writer.js";

/** What to do with a request: send it on as an exchange, answer it here, or hand the connection over (CONNECT). */
export type RequestRoute =
  | { readonly kind: "exchange"; readonly open: (client: ClientEnd) => ExchangeFlow }
  | { readonly kind: "answer"; readonly answer: OwnAnswer }
  | { readonly kind: "connect"; readonly take: (connection: DetachedConnection) => void };

export interface ClientConnectionOptions {
  readonly socket: Socket;
  /** The TCP socket below TLS, for a reset. */
  readonly transport: Socket;
  readonly endpoint: ClientEndpoint;
  readonly route: (head: RequestHead) => RequestRoute;
  readonly onMalformed: (message: string) => void;
  /** @param unused no byte came on it */
  readonly onClose: (unused: boolean) => void;
}

/** From the first byte of a request to the end of its head; nginx and Node have the same. */
const HEAD_TIMEOUT_MS = 60_000;
/** Requests that a client pipelined ahead; beyond this it has to wait for its answers. */
const MAX_PIPELINED_BYTES = 256 * 1024;
/** How long a client may take to end its side after a last response (RFC 9112 section 9.6). */
const LINGER_MS = 5_000;

export class Http1ClientConnection implements ClientEnd {
  readonly #options: ClientConnectionOptions;
  readonly #socket: Socket;
  readonly #writer: ConnectionWriter;
  readonly #reader: MessageReader<RequestHead>;
  #framer: BodyFramer | undefined;
  /** Of the response that was begun and is not over. */
  #responseFraming: Framing | undefined;
  #flow: ExchangeFlow | undefined;
  #head: RequestHead | undefined;
  #headTimer: NodeJS.Timeout | undefined;
  #requestComplete = true;
  /** This connection ends after the response under way. */
  #closing = false;
  #inputEnded = false;
  #unused = true;
  #detached = false;
  #connect: ((connection: DetachedConnection) => void) | undefined;
  /** Our side has ended; what the client still sends is not read. */
  #ending = false;
  #linger: NodeJS.Timeout | undefined;

  constructor(options: ClientConnectionOptions) {
    this.#options = options;
    this.#socket = options.socket;
    this.#writer = new ConnectionWriter(options.socket);
    this.#reader = new MessageReader(
      parseRequestHead,
      {
        onHead: (head) => this.#onHead(head),
        onBody: (wire, data) => this.#flow?.requestBody(wire, data),
        onEnd: (trailers) => {
          this.#requestComplete = true;
          this.#flow?.requestEnd(trailers);
        },
      },
      { bareLineFeeds: false },
    );
    this.#socket.on("data", this.#onData);
    this.#socket.on("end", this.#onEnd);
    this.#socket.on("error", this.#onError);
    this.#socket.on("close", this.#onClose);
    this.#socket.on("drain", this.#onDrain);
  }

  /** Takes bytes that were read before this connection was known to be HTTP. */
  begin(bytes: Buffer): void {
    if (bytes.length > 0) this.#onData(bytes);
    // Whoever took the connection meanwhile resumes it when it listens: bytes would be lost before.
    if (!this.#detached) this.#socket.resume();
  }

  /** Ends the connection when no exchange is under way. @returns whether it was idle. */
  closeIfIdle(): boolean {
    if (this.#flow !== undefined || this.#detached) {
      this.#closing = true;
      return false;
    }
    this.destroy();
    return true;
  }

  destroy(): void {
    this.#socket.destroy();
    this.#options.transport.destroy();
  }

  // The flow's side: see ClientEnd.

  sendInformational(head: OutgoingResponse): void {
    // RFC 9110 section 15.2: never to an HTTP/1.0 client; but an origin that speaks to one itself is not corrected.
    if (this.#head?.httpVersion === "HTTP/1.0" && head.bytes === undefined) return;
    this.#writer.write(head.bytes ?? serialiseResponseHead(asHttp1(head)));
  }

  sendHead(head: OutgoingResponse): void {
    this.#responseFraming = head.framing;
    // What came over HTTP/1 passes as it came, even where no origin should have sent it.
    const asOneDotZero =
      this.#head?.httpVersion === "HTTP/1.0" && head.framing.kind === "chunked" && head.bytes === undefined;
    if (asOneDotZero) this.#sendHeadToOneDotZero(head);
    else {
      this.#writer.write(head.bytes ?? serialiseResponseHead(asHttp1(head)));
      this.#framer = new BodyFramer(this.#writer, head.bytes === undefined ? head.framing : "as-it-came");
    }
    if (head.closes || head.framing.kind === "close" || asOneDotZero) this.#closing = true;
  }

  sendBody(wire: Buffer, data: readonly Buffer[]): void {
    this.#framer?.body(wire, data);
  }

  sendEnd(trailers: RawHeaders): void {
    this.#framer?.end(trailers);
  }

  flush(): boolean {
    return this.#writer.flush();
  }

  pauseRequest(): void {
    this.#socket.pause();
  }

  resumeRequest(): void {
    this.#socket.resume();
  }

  /**
   * Where the body's framing tells a cut body from a whole one, an end behind all that came: a reset would take back
   * what the client has not read yet. Where a body ends with the connection, only a reset tells.
   */
  abort(): void {
    this.#flow = undefined;
    this.#writer.flush();
    if (this.#responseFraming?.kind === "length" || this.#responseFraming?.kind === "chunked") {
      this.#endAfterResponse();
      return;
    }
    this.#options.transport.resetAndDestroy();
    this.#socket.destroy();
  }

  exchangeOver(): void {
    this.#flow = undefined;
    this.#framer = undefined;
    this.#responseFraming = undefined;
    const persists =
      this.#requestComplete && !this.#closing && this.#head !== undefined && persistsAfter(this.#head);
    if (!persists) {
      this.#endAfterResponse();
      return;
    }
    this.#socket.resume();
    this.#readNext();
    // What had been pipelined before the client ended its side is answered; then so do we.
    if (this.#inputEnded && this.#flow === undefined) this.#endAfterResponse();
    else this.#passOnHalfClose();
  }

  detach(): DetachedConnection {
    this.#detached = true;
    clearTimeout(this.#headTimer);
    this.#flow = undefined;
    this.#socket.pause();
    this.#socket.off("data", this.#onData);
    this.#socket.off("end", this.#onEnd);
    this.#socket.off("drain", this.#onDrain);
    return { socket: this.#socket, transport: this.#options.transport, rest: this.#reader.takeRest() };
  }

  #onHead(head: RequestHead): Framing | "detach" {
    this.#head = head;
    this.#requestComplete = false;
    const route = this.#options.route(head);
    switch (route.kind) {
      case "exchange": {
        const flow = route.open(this);
        this.#flow = flow;
        flow.start();
        return head.framing;
      }
      case "answer":
        this.#answer(head, route.answer);
        return head.framing;
      case "connect":
        this.#connect = route.take;
        return "detach";
    }
  }

  /** Answers without an origin, and ends the connection: its request body, if any, is not read. */
  #answer(head: RequestHead, answer: OwnAnswer): void {
    this.sendHead(answer.head);
    if (head.method !== "HEAD") this.#writer.write(answer.body);
    this.#closing = true;
    this.#writer.flush();
    this.#endAfterResponse();
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#ending) return;
    this.#unused = false;
    this.#read(() => this.#reader.feed(chunk));
    if (this.#reader.restLength > MAX_PIPELINED_BYTES && this.#flow !== undefined) this.#socket.pause();
  };

  #readNext(): void {
    this.#read(() => this.#reader.next());
  }

  #read(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error;
      this.#refuse(error);
      return;
    }
    if (this.#connect !== undefined) {
      const take = this.#connect;
      this.#connect = undefined;
      take(this.detach());
      return;
    }
    this.#flow?.requestFlush();
    this.#limitHead();
  }

  /** A head that trickles in without end (slow-loris) does not hold its connection for ever. */
  #limitHead(): void {
    if (!this.#reader.midHead || this.#flow !== undefined) {
      clearTimeout(this.#headTimer);
      this.#headTimer = undefined;
      return;
    }
    this.#headTimer ??= setTimeout(() => {
      this.#refuse(new MalformedMessage(`its head did not come within ${HEAD_TIMEOUT_MS / 1000} s`, 408));
    }, HEAD_TIMEOUT_MS);
  }

  /** What follows a malformed message can't be known, so the connection ends with the answer. */
  #refuse(error: MalformedMessage): void {
    clearTimeout(this.#headTimer);
    this.#options.onMalformed(error.message);
    if (this.#flow !== undefined) {
      this.#flow.clientMalformed(error.message);
      return;
    }
    const sentence = `the request is malformed: ${error.message}`;
    this.#writer.write(answerBytes(plainAnswer(error.status, REASONS[error.status], sentence)));
    this.#writer.flush();
    this.#endAfterResponse();
  }

  /** Ends our side and reads on for a while, since closing at once could reset the response away. */
  #endAfterResponse(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#writer.flush();
    if (this.#inputEnded) {
      this.#socket.destroySoon();
      return;
    }
    // Counted from when the last byte was taken: a client that reads slowly still gets all of its response.
    this.#socket.end(() => {
      if (!this.#socket.destroyed) this.#linger = setTimeout(() => this.destroy(), LINGER_MS).unref();
    });
    this.#socket.resume();
  }

  readonly #onEnd = (): void => {
    this.#inputEnded = true;
    cutIfStalled(this.#socket);
    const outcome = this.#reader.endOfInput();
    if (this.#flow === undefined) {
      if (outcome === "truncated")
        this.#options.onMalformed("the connection ended in the middle of a request");
      this.#socket.destroySoon();
      return;
    }
    if (outcome === "truncated")
      this.#flow.clientGone("the client closed the connection before its request was complete");
    else this.#passOnHalfClose();
  };

  /** With the last request, not with one that others follow. */
  #passOnHalfClose(): void {
    if (this.#inputEnded && this.#reader.restLength === 0) this.#flow?.clientHalfClosed();
  }

  readonly #onError = (error: NodeJS.ErrnoException): void => {
    this.#flow?.clientGone(`the client's connection broke: ${error.code ?? error.message}`);
    this.#socket.destroy();
  };

  readonly #onClose = (): void => {
    clearTimeout(this.#linger);
    clearTimeout(this.#headTimer);
    this.#flow?.clientGone("the client closed the connection before the response was complete");
    this.#flow = undefined;
    this.#options.transport.destroy();
    this.#options.onClose(this.#unused);
  };

  readonly #onDrain = (): void => {
    this.#flow?.clientDrained();
  };

  /** An HTTP/1.0 client knows no chunks: the data alone, ended by the connection's end. */
  #sendHeadToOneDotZero(head: OutgoingResponse): void {
    const headers = head.headers.filter(([name]) => name.toLowerCase() !== "transfer-encoding");
    this.#writer.write(serialiseResponseHead({ ...head, headers: [...headers, ["Connection", "close"]] }));
    this.#framer = new BodyFramer(this.#writer, { kind: "close" });
  }
}

const REASONS: Readonly<Record<MalformedMessage["status"], string>> = {
  400: "Bad Request",
  408: "Request Timeout",
  431: "Request Header Fields Too Large",
  501: "Not Implemented",
  505: "HTTP Version Not Supported",
};

function asHttp1(head: OutgoingResponse): Pick<OutgoingResponse, "status" | "reason" | "headers"> {
  return head.http2 === undefined ? head : { status: head.status, ...responseToHttp1(head) };
}

function persistsAfter(head: RequestHead): boolean {
  if (head.facts.connection.includes("close")) return false;
  return head.httpVersion === "HTTP/1.1" || head.facts.connection.includes("keep-alive");
}
