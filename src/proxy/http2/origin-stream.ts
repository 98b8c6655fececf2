// One exchange on an HTTP/2 connection to an origin: the origin's end of a flow.
import type { ServerEndpoint } from "../../exchange/exchange.js";
import type { RawHeaders } from "../../exchange/headers.js";
import type { DetachedConnection, OriginEnd, OriginListener, OutgoingRequest } from "../ends.js";
import { EMPTY_BODY, type Framing, framingOfHttp2, NO_BODY } from "../http1/framing.js";
import type { Http2Connection } from "./connection.js";
import { Http2Code } from "./errors.js";
import type { Http2OriginConnection } from "./origin-connection.js";
import { OutgoingMessage } from "./outgoing-message.js";
import { regularFields, requestToHttp2, responseStatus } from "./translate.js";

export class Http2OriginStream implements OriginEnd {
  readonly endpoint: ServerEndpoint;
  readonly #owner: Http2OriginConnection;
  readonly #connection: Http2Connection;
  #id: number | undefined;
  #listener: OriginListener | undefined;
  #request: OutgoingMessage | undefined;
  #isHead = false;
  #returned = false;
  #paused = false;
  #unconsumed = 0;

  constructor(owner: Http2OriginConnection, connection: Http2Connection, endpoint: ServerEndpoint) {
    this.#owner = owner;
    this.#connection = connection;
    this.endpoint = endpoint;
  }

  /** Of the origin's URLs. */
  get scheme(): string {
    return this.#owner.scheme;
  }

  /** As far as the origin's SETTINGS have come: see `whenSettled`. */
  get offersExtendedConnect(): boolean {
    return this.#owner.offersExtendedConnect;
  }

  /** Calls back when the origin's SETTINGS have come, or won't. @returns a function that stops waiting */
  whenSettled(callback: () => void): () => void {
    return this.#owner.whenSettled(callback);
  }

  attach(listener: OriginListener): void {
    this.#listener = listener;
  }

  // From the flow: see OriginEnd.

  sendHead(head: OutgoingRequest): void {
    const headers = head.http2 ?? requestToHttp2(head, this.#owner.scheme);
    this.#isHead = head.method === "HEAD";
    this.#request = new OutgoingMessage(this.#connection, (endStream) => {
      this.#return();
      this.#id = this.#owner.open(this, headers, endStream);
      if (this.#id === undefined) {
        // Told later: the flow is in the middle of sending.
        queueMicrotask(() =>
          this.failed(
            "closed",
            "the origin takes no more requests on this connection",
            Http2Code.REFUSED_STREAM,
          ),
        );
      }
      return this.#id;
    });
  }

  sendBody(_wire: Buffer, data: readonly Buffer[]): void {
    this.#request?.data(data);
  }

  sendEnd(trailers: RawHeaders): void {
    this.#request?.end(trailers);
  }

  flush(): boolean {
    return this.#request === undefined || this.#request.flush();
  }

  pauseResponse(): void {
    this.#paused = true;
  }

  resumeResponse(): void {
    this.#paused = false;
    this.#consume();
  }

  abort(code: number = Http2Code.CANCEL): void {
    this.#listener = undefined;
    this.#return();
    if (this.#id !== undefined) this.#connection.reset(this.#id, code);
  }

  release(): void {
    this.#listener = undefined;
    this.#return();
    this.#consume();
  }

  detach(): DetachedConnection {
    throw new Error("an HTTP/2 stream has no connection to detach");
  }

  // From the connection.

  head(headers: RawHeaders, endStream: boolean): void {
    const status = responseStatus(headers);
    const fields = regularFields(headers);
    const outgoing = {
      status,
      reason: "",
      httpVersion: "HTTP/2.0" as const,
      headers: fields,
      http2: headers,
      bytes: undefined,
      framing: this.#framing(status, fields, endStream),
      closes: false,
    };
    if (status < 200) {
      this.#listener?.originInformational(outgoing);
      this.#listener?.originFlush();
      return;
    }
    this.#listener?.originHead(outgoing);
    if (endStream) this.end([]);
    else this.#listener?.originFlush();
  }

  data(data: Buffer, endStream: boolean): void {
    this.#unconsumed += data.length;
    this.#listener?.originBody(data, [data]);
    if (endStream) this.end([]);
    else this.#listener?.originFlush();
    if (!this.#paused) this.#consume();
  }

  end(trailers: RawHeaders): void {
    this.#listener?.originEnd(trailers);
  }

  writable(): void {
    this.#request?.writable();
    this.#listener?.originDrained();
  }

  failed(kind: "reset" | "closed" | "malformed", message: string, code: number | undefined): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.originFailed({ kind, message, ...(code === undefined ? {} : { http2Code: code }) });
  }

  /** How HTTP/1 has to frame it, which HTTP/2's END_STREAM tells after the head at times: 1xx, 204 and 304 have no body. */
  #framing(status: number, fields: RawHeaders, endStream: boolean): Framing {
    if (this.#isHead || status < 200 || status === 204 || status === 304) return NO_BODY;
    return endStream ? EMPTY_BODY : framingOfHttp2(fields);
  }

  #return(): void {
    if (this.#returned) return;
    this.#returned = true;
    this.#owner.returned();
  }

  #consume(): void {
    const octets = this.#unconsumed;
    this.#unconsumed = 0;
    if (octets > 0 && this.#id !== undefined) this.#connection.consumed(this.#id, octets);
  }
}
