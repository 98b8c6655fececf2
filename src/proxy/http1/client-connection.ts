// One HTTP/1 connection from a client: reads its requests one after another and writes their responses in order.
import type { Socket } from "node:net";
import type { ClientEndpoint } from "../../exchange/exchange.js";
import type { RawHeaders } from "../../exchange/headers.js";
import type { ClientEnd, DetachedSocket, OutgoingResponse } from "../ends.js";
import type { ExchangeFlow } from "../exchange-flow.js";
import type { OwnAnswer } from "../own-answer.js";
import { cutIfStalled } from "../stall.js";
import type { Framing } from "./framing.js";
import type { RequestHead } from "./head.js";
import { LingeringEnd } from "./lingering-end.js";
import type { MalformedMessage } from "./malformed.js";
import { refusalBytes } from "./refusal.js";
import { RequestReader } from "./request-reader.js";
import type { RequestRoute } from "./request-route.js";
import { ResponseWriter } from "./response-writer.js";

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

/** Requests that a client pipelined ahead; beyond this it has to wait for its answers. */
const MAX_PIPELINED_BYTES = 256 * 1024;

export class Http1ClientConnection implements ClientEnd {
  readonly #options: ClientConnectionOptions;
  readonly #socket: Socket;
  readonly #reader: RequestReader;
  readonly #responses: ResponseWriter;
  readonly #end: LingeringEnd;
  #flow: ExchangeFlow | undefined;
  #head: RequestHead | undefined;
  #requestComplete = true;
  /** This connection ends after the response under way. */
  #closing = false;
  #inputEnded = false;
  #unused = true;
  #detached = false;
  #connect: ((connection: DetachedSocket) => void) | undefined;

  constructor(options: ClientConnectionOptions) {
    this.#options = options;
    this.#socket = options.socket;
    this.#responses = new ResponseWriter(options.socket);
    this.#end = new LingeringEnd(options.socket, () => this.destroy());
    this.#reader = new RequestReader(
      {
        onHead: (head) => this.#onHead(head),
        onBody: (wire, data) => this.#flow?.requestBody(wire, data),
        onEnd: (trailers) => {
          this.#requestComplete = true;
          this.#flow?.requestEnd(trailers);
        },
      },
      (error) => this.#refuse(error),
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
    this.#responses.informational(head, this.#head);
  }

  sendHead(head: OutgoingResponse): void {
    if (this.#responses.begin(head, this.#head)) this.#closing = true;
  }

  sendBody(wire: Buffer, data: readonly Buffer[]): void {
    this.#responses.body(wire, data);
  }

  sendEnd(trailers: RawHeaders): void {
    this.#responses.end(trailers);
  }

  flush(): boolean {
    return this.#responses.flush();
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
    this.#responses.flush();
    if (this.#responses.isDelimited) {
      this.#endAfterResponse();
      return;
    }
    this.#options.transport.resetAndDestroy();
    this.#socket.destroy();
  }

  close(): void {
    this.#flow = undefined;
    this.#endAfterResponse();
  }

  exchangeOver(): void {
    this.#flow = undefined;
    this.#responses.over();
    const persists =
      this.#requestComplete && !this.#closing && this.#head !== undefined && persistsAfter(this.#head);
    if (!persists) {
      this.#endAfterResponse();
      return;
    }
    this.#socket.resume();
    if (this.#reader.next()) this.#handOver();
    // What had been pipelined before the client ended its side is answered; then so do we.
    if (this.#inputEnded && this.#flow === undefined) this.#endAfterResponse();
    else this.#passOnHalfClose();
  }

  detach(): DetachedSocket {
    this.#detached = true;
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
    if (head.method !== "HEAD") this.#responses.write(answer.body);
    this.#closing = true;
    this.#endAfterResponse();
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#end.begun) return;
    this.#unused = false;
    if (this.#reader.feed(chunk)) this.#handOver();
    if (this.#reader.restLength > MAX_PIPELINED_BYTES && this.#flow !== undefined) this.#socket.pause();
  };

  /** What was read in one go is with its flow, or is for whoever takes the connection. */
  #handOver(): void {
    if (this.#connect !== undefined) {
      const take = this.#connect;
      this.#connect = undefined;
      take(this.detach());
      return;
    }
    this.#flow?.requestFlush();
    this.#reader.limitHead(this.#flow === undefined);
  }

  /** What follows a malformed message can't be known, so the connection ends with the answer. */
  #refuse(error: MalformedMessage): void {
    this.#options.onMalformed(error.message);
    if (this.#flow !== undefined) {
      this.#flow.clientMalformed(error.message);
      return;
    }
    this.#responses.write(refusalBytes(error));
    this.#endAfterResponse();
  }

  #endAfterResponse(): void {
    if (this.#end.begun) return;
    this.#responses.flush();
    this.#end.begin(this.#inputEnded);
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
    this.#end.closed();
    this.#reader.stopTimer();
    this.#flow?.clientGone("the client closed the connection before the response was complete");
    this.#flow = undefined;
    this.#options.transport.destroy();
    this.#options.onClose(this.#unused);
  };

  readonly #onDrain = (): void => {
    this.#flow?.clientDrained();
  };
}

function persistsAfter(head: RequestHead): boolean {
  if (head.facts.connection.includes("close")) return false;
  return head.httpVersion === "HTTP/1.1" || head.facts.connection.includes("keep-alive");
}
