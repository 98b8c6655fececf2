// One HTTP/2 connection to an origin, shared by exchanges: each is a stream of it.
import type { Socket } from "node:net";
import type { ServerEndpoint } from "../../exchange/exchange.js";
import type { RawHeaders } from "../../exchange/headers.js";
import { http2CodeName, type StreamError } from "./errors.js";
import type { Http2Handler } from "./handler.js";
import { Http2OriginStream } from "./origin-stream.js";
import { Http2Transport } from "./transport.js";

export interface Http2OriginOwner {
  /** It takes no more streams, or is over. */
  gone(connection: Http2OriginConnection): void;
  /** The origin's SETTINGS came. */
  settingsCame(connection: Http2OriginConnection): void;
}

/** An origin whose SETTINGS, its first frame, have not come by then is used as if it offered nothing. */
const SETTINGS_WAIT_MS = 2_000;

export class Http2OriginConnection {
  readonly scheme: string;
  readonly #transportSocket: Socket;
  readonly #owner: Http2OriginOwner;
  readonly #endpoint: Omit<ServerEndpoint, "reused">;
  readonly #streams = new Map<number, Http2OriginStream>();
  readonly #transport: Http2Transport;
  /** Streams that have been promised and not been opened yet. */
  #leased = 0;
  #used = false;
  #over = false;
  /** Who waits for the origin's SETTINGS; undefined once nobody has to. */
  #unsettled: Set<() => void> | undefined = new Set();
  #settingsTimer: NodeJS.Timeout | undefined;
  /** `performance.now()` since when no stream is open. */
  idleSince = performance.now();

  constructor(options: {
    socket: Socket;
    transport: Socket;
    scheme: string;
    endpoint: Omit<ServerEndpoint, "reused">;
    owner: Http2OriginOwner;
  }) {
    this.scheme = options.scheme;
    this.#transportSocket = options.transport;
    this.#owner = options.owner;
    this.#endpoint = options.endpoint;
    this.#transport = new Http2Transport("client", options.socket, this.#handler(), {
      closed: (error) => this.#onClosed(error),
    });
    this.#transport.begin(Buffer.alloc(0));
  }

  get canOpen(): boolean {
    const { connection } = this.#transport;
    if (this.#over || !connection.canOpen) return false;
    return connection.openStreams + this.#leased < connection.peerSettings.maxConcurrentStreams;
  }

  get isIdle(): boolean {
    return this.#streams.size === 0 && this.#leased === 0;
  }

  /** RFC 8441, as far as the origin's SETTINGS have come: see `whenSettled`. */
  get offersExtendedConnect(): boolean {
    return this.#transport.connection.peerSettings.enableConnectProtocol;
  }

  /** Calls back when the origin's SETTINGS have come, or won't. @returns a function that stops waiting */
  whenSettled(callback: () => void): () => void {
    const waiting = this.#unsettled;
    if (waiting === undefined) {
      callback();
      return () => {};
    }
    waiting.add(callback);
    this.#settingsTimer ??= setTimeout(() => this.#settle(), SETTINGS_WAIT_MS).unref();
    return () => waiting.delete(callback);
  }

  /** A stream for one exchange; it is opened with the request's head. */
  lease(): Http2OriginStream {
    const endpoint = { ...this.#endpoint, reused: this.#used };
    this.#used = true;
    this.#leased++;
    return new Http2OriginStream(this, this.#transport.connection, endpoint);
  }

  /** @returns the stream's number, or undefined when the origin takes no more. */
  open(stream: Http2OriginStream, headers: RawHeaders, endStream: boolean): number | undefined {
    const id = this.#transport.connection.openStream(headers, endStream);
    if (id !== undefined) this.#streams.set(id, stream);
    return id;
  }

  /** The lease is over, whether its stream was opened or not. */
  returned(): void {
    this.#leased--;
  }

  close(): void {
    this.#transport.end(0);
  }

  destroy(): void {
    this.#transport.destroy();
    this.#transportSocket.destroy();
  }

  #handler(): Http2Handler {
    return {
      onHeaders: (id, headers, endStream) => this.#streams.get(id)?.head(headers, endStream),
      onTrailers: (id, trailers) => this.#streams.get(id)?.end(trailers),
      onData: (id, data, endStream) => this.#onData(id, data, endStream),
      onReset: (id, code, failure) => this.#onReset(id, code, failure),
      onWritable: (id) => this.#streams.get(id)?.writable(),
      onClose: (id) => this.#forget(id),
      onGoaway: () => this.#retire(),
      onSettings: () => {
        this.#owner.settingsCame(this);
        this.#settle();
      },
      onPong: () => {},
      onConnectionError: (error) => {
        this.#retire();
        this.#failAll(
          "malformed",
          `the origin broke HTTP/2: ${error.message} (${http2CodeName(error.code)})`,
        );
        this.#transport.endBroken();
      },
    };
  }

  #onData(id: number, data: Buffer, endStream: boolean): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) this.#transport.connection.consumed(id, data.length);
    else stream.data(data, endStream);
  }

  #onReset(id: number, code: number, failure: StreamError | undefined): void {
    const stream = this.#streams.get(id);
    const name = http2CodeName(code);
    if (failure === undefined) stream?.failed("reset", `the origin reset the stream (${name})`, code);
    else stream?.failed("malformed", `the origin broke HTTP/2: ${failure.message} (${name})`, code);
  }

  #forget(id: number): void {
    this.#streams.delete(id);
    if (this.#streams.size > 0) return;
    this.idleSince = performance.now();
    if (this.#over) this.close();
  }

  #retire(): void {
    if (this.#over) return;
    this.#over = true;
    this.#owner.gone(this);
    if (this.isIdle) this.close();
  }

  #settle(): void {
    const waiting = this.#unsettled;
    this.#unsettled = undefined;
    clearTimeout(this.#settingsTimer);
    for (const callback of waiting ?? []) callback();
  }

  #onClosed(error: string | undefined): void {
    this.#retire();
    this.#settle();
    const message =
      error === undefined
        ? "the origin closed the connection before its response was complete"
        : `the connection to the origin broke: ${error}`;
    this.#failAll(error === undefined ? "closed" : "reset", message);
    this.#transportSocket.destroy();
  }

  #failAll(kind: "reset" | "closed" | "malformed", message: string): void {
    for (const stream of [...this.#streams.values()]) stream.failed(kind, message, undefined);
    this.#streams.clear();
  }
}
