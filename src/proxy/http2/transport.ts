// Joins an Http2Connection to its socket: bytes in, and what waits out in one write for everything that one turn of the
// event loop brought, so that a hundred streams share a TLS record and a system call.
import type { Socket } from "node:net";
import { Http2Connection } from "./connection.js";
import type { Http2Role } from "./connection-core.js";
import { ErrorEnd } from "./error-end.js";
import type { Http2Handler } from "./handler.js";
import type { Http2Options } from "./options.js";

export interface TransportEvents {
  /** The socket is over. `error` says what broke, where something did. */
  closed(error: string | undefined): void;
}

export class Http2Transport {
  readonly connection: Http2Connection;
  readonly #socket: Socket;
  readonly #events: TransportEvents;
  readonly #errorEnd: ErrorEnd;
  #flush: NodeJS.Immediate | undefined;
  #error: string | undefined;

  constructor(
    role: Http2Role,
    socket: Socket,
    handler: Http2Handler,
    events: TransportEvents,
    options: Partial<Http2Options> = {},
  ) {
    this.#socket = socket;
    this.#events = events;
    this.#errorEnd = new ErrorEnd(socket);
    const output = {
      write: (bytes: Buffer) => socket.write(bytes),
      wantsFlush: () => {
        this.#flush ??= setImmediate(() => this.#flushNow());
      },
    };
    this.connection = new Http2Connection(role, handler, output, options);
    socket.on("data", (bytes: Buffer) => {
      if (this.connection.closed) this.#errorEnd.dropped(bytes.length);
      else this.connection.receive(bytes);
    });
    socket.on("drain", () => this.connection.drained());
    // HTTP/2 has no half-close (RFC 9113 section 5.4): a peer that ends has left.
    socket.on("end", () => socket.destroy());
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#error = error.code ?? error.message;
    });
    socket.on("close", () => this.#onClose());
  }

  /** Bytes that were read before it was known that they are HTTP/2. */
  begin(bytes: Buffer): void {
    if (bytes.length > 0) this.connection.receive(bytes);
    this.#socket.resume();
  }

  /** Writes what waits, says goodbye with `code`, and ends. */
  end(code: number): void {
    this.connection.goaway(code);
    this.#flushNow();
    this.connection.close();
    this.#socket.end();
    // A peer that does not end its side does not keep the connection.
    this.#socket.destroySoon();
  }

  /** The peer broke the protocol, and its GOAWAY is written: see `Http2Handler.onConnectionError`. */
  endBroken(): void {
    this.#errorEnd.begin();
  }

  destroy(): void {
    this.connection.close();
    this.#socket.destroy();
  }

  #flushNow(): void {
    clearImmediate(this.#flush);
    this.#flush = undefined;
    if (this.#socket.destroyed) return;
    this.#socket.cork();
    this.connection.flush();
    this.#socket.uncork();
  }

  #onClose(): void {
    clearImmediate(this.#flush);
    this.#errorEnd.closed();
    this.connection.close();
    this.#events.closed(this.#error);
  }
}
