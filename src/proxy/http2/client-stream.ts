// One exchange of a client that speaks HTTP/2: the client's end of a flow.
import type { RawHeaders } from "../../exchange/headers.js";
import type { ClientEnd, DetachedConnection, OutgoingResponse } from "../ends.js";
import type { ExchangeFlow } from "../exchange-flow.js";
import type { Http2Connection } from "./connection.js";
import { Http2Code } from "./errors.js";
import { OutgoingMessage } from "./outgoing-message.js";
import { responseToHttp2 } from "./translate.js";

export class Http2ClientStream implements ClientEnd {
  readonly #connection: Http2Connection;
  readonly #id: number;
  #flow: ExchangeFlow | undefined;
  #response: OutgoingMessage | undefined;
  #requestEnded = false;
  #paused = false;
  /** Octets that the flow has taken while it was paused: the client gets no window for them yet. */
  #unconsumed = 0;

  constructor(connection: Http2Connection, id: number) {
    this.#connection = connection;
    this.#id = id;
  }

  begin(flow: ExchangeFlow, endStream: boolean): void {
    this.#flow = flow;
    flow.start();
    if (endStream) this.requestEnd([]);
    this.#flow?.requestFlush();
  }

  // From the connection.

  requestData(data: Buffer, endStream: boolean): void {
    this.#unconsumed += data.length;
    this.#flow?.requestBody(data, [data]);
    if (endStream) this.requestEnd([]);
    this.#flow?.requestFlush();
    if (!this.#paused) this.#consume();
  }

  requestEnd(trailers: RawHeaders): void {
    this.#requestEnded = true;
    this.#flow?.requestEnd(trailers);
    this.#flow?.requestFlush();
  }

  gone(message: string, code?: number): void {
    const flow = this.#flow;
    this.#flow = undefined;
    flow?.clientGone(message, code);
  }

  malformed(message: string): void {
    const flow = this.#flow;
    this.#flow = undefined;
    flow?.clientMalformed(message);
  }

  writable(): void {
    this.#response?.writable();
    this.#flow?.clientDrained();
  }

  // From the flow: see ClientEnd.

  sendInformational(head: OutgoingResponse): void {
    this.#connection.sendHeaders(this.#id, head.http2 ?? responseToHttp2(head), false);
  }

  sendHead(head: OutgoingResponse): void {
    const headers = head.http2 ?? responseToHttp2(head);
    this.#response = new OutgoingMessage(this.#connection, (endStream) => {
      this.#connection.sendHeaders(this.#id, headers, endStream);
      return this.#id;
    });
  }

  sendBody(_wire: Buffer, data: readonly Buffer[]): void {
    this.#response?.data(data);
  }

  sendEnd(trailers: RawHeaders): void {
    this.#response?.end(trailers);
  }

  flush(): boolean {
    return this.#response === undefined || this.#response.flush();
  }

  pauseRequest(): void {
    this.#paused = true;
  }

  resumeRequest(): void {
    this.#paused = false;
    this.#consume();
  }

  abort(code: number = Http2Code.INTERNAL_ERROR): void {
    this.#flow = undefined;
    this.#connection.reset(this.#id, code);
  }

  close(): void {
    this.abort(Http2Code.CANCEL);
  }

  exchangeOver(): void {
    this.#flow = undefined;
    this.#consume();
    // RFC 9113 section 8.1: a whole response before the end of the request, whose rest is not wanted.
    if (!this.#requestEnded) this.#connection.reset(this.#id, Http2Code.NO_ERROR);
  }

  /** A 101 does not exist in HTTP/2 (section 8.6); origins that send one are cut off before this. */
  detach(): DetachedConnection {
    throw new Error("an HTTP/2 stream has no connection to detach");
  }

  #consume(): void {
    const octets = this.#unconsumed;
    this.#unconsumed = 0;
    if (octets > 0) this.#connection.consumed(this.#id, octets);
  }
}
