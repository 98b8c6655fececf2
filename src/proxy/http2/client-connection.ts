// One HTTP/2 connection from a client: its streams become exchanges.
import type { Socket } from "node:net";
import type { RawHeaders } from "../../exchange/headers.js";
import type { ClientEnd } from "../ends.js";
import type { ExchangeFlow } from "../exchange-flow.js";
import { Http2ClientStream } from "./client-stream.js";
import { Http2Code, http2CodeName, type StreamError } from "./errors.js";
import type { Http2Handler } from "./handler.js";
import { Http2Transport } from "./transport.js";

export interface Http2ClientOptions {
  readonly socket: Socket;
  readonly transport: Socket;
  /** RFC 8441: the client may CONNECT with `:protocol`. */
  readonly enableConnectProtocol: boolean;
  /** @returns undefined for a request that is not served */
  readonly open: (headers: RawHeaders, endStream: boolean, client: ClientEnd) => ExchangeFlow | undefined;
  readonly onMalformed: (message: string) => void;
  /** @param unused no request came on it */
  readonly onClose: (unused: boolean) => void;
}

export class Http2ClientConnection {
  readonly #options: Http2ClientOptions;
  readonly #streams = new Map<number, Http2ClientStream>();
  readonly #transport: Http2Transport;
  #unused = true;
  #closing = false;

  constructor(options: Http2ClientOptions) {
    this.#options = options;
    this.#transport = new Http2Transport(
      "server",
      options.socket,
      this.#handler(),
      { closed: (error) => this.#onClosed(error) },
      { enableConnectProtocol: options.enableConnectProtocol },
    );
  }

  begin(bytes: Buffer): void {
    this.#transport.begin(bytes);
  }

  /** Takes no new streams. @returns whether there was none under way; then it is closed. */
  closeIfIdle(): boolean {
    this.#closing = true;
    if (this.#streams.size > 0) {
      this.#transport.connection.goaway(Http2Code.NO_ERROR);
      return false;
    }
    this.#transport.end(Http2Code.NO_ERROR);
    return true;
  }

  destroy(): void {
    this.#transport.destroy();
    this.#options.transport.destroy();
  }

  #handler(): Http2Handler {
    return {
      onHeaders: (id, headers, endStream) => this.#onHeaders(id, headers, endStream),
      onTrailers: (id, trailers) => this.#streams.get(id)?.requestEnd(trailers),
      onData: (id, data, endStream) => this.#onData(id, data, endStream),
      onReset: (id, code, failure) => this.#onReset(id, code, failure),
      onWritable: (id) => this.#streams.get(id)?.writable(),
      onClose: (id) => this.#forget(id),
      onGoaway: () => {},
      onSettings: () => {},
      onPong: () => {},
      onConnectionError: (error) => {
        this.#options.onMalformed(`HTTP/2: ${error.message} (${http2CodeName(error.code)})`);
        for (const stream of [...this.#streams.values()]) stream.malformed(error.message);
        this.#streams.clear();
        this.#transport.endBroken();
      },
    };
  }

  #onHeaders(id: number, headers: RawHeaders, endStream: boolean): void {
    this.#unused = false;
    const { connection } = this.#transport;
    const stream = new Http2ClientStream(connection, id);
    const flow = this.#options.open(headers, endStream, stream);
    if (flow === undefined) {
      connection.reset(id, Http2Code.REFUSED_STREAM);
      return;
    }
    this.#streams.set(id, stream);
    stream.begin(flow, endStream);
  }

  #onData(id: number, data: Buffer, endStream: boolean): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) this.#transport.connection.consumed(id, data.length);
    else stream.requestData(data, endStream);
  }

  #onReset(id: number, code: number, failure: StreamError | undefined): void {
    const stream = this.#streams.get(id);
    if (failure !== undefined) this.#options.onMalformed(`HTTP/2: ${failure.message}`);
    if (failure === undefined) stream?.gone(`the client reset the stream (${http2CodeName(code)})`, code);
    else stream?.malformed(failure.message);
  }

  #forget(id: number): void {
    this.#streams.delete(id);
    if (this.#closing && this.#streams.size === 0) this.#transport.end(Http2Code.NO_ERROR);
  }

  #onClosed(error: string | undefined): void {
    const message =
      error === undefined ? "the client closed the connection" : `the client's connection broke: ${error}`;
    for (const stream of [...this.#streams.values()]) stream.gone(message);
    this.#streams.clear();
    this.#options.transport.destroy();
    this.#options.onClose(this.#unused);
  }
}
