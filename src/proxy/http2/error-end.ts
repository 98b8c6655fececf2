// Ends a connection whose peer broke the protocol: our side at once, behind the GOAWAY; what the peer had under way is
// read and dropped for a while, since closing on unread bytes resets the connection, and the GOAWAY with it
// (RFC 9112 section 9.6 has this of HTTP/1).
import type { Socket } from "node:net";

/** How long the peer may take to read why, and to end its side. */
const LINGER_MS = 5_000;
/** More than the connection's window lets an honest peer have under way. */
const MAX_DROPPED_BYTES = 32 * 1024 * 1024;

export class ErrorEnd {
  readonly #socket: Socket;
  #timer: NodeJS.Timeout | undefined;
  #dropped = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  begin(): void {
    this.#timer ??= setTimeout(() => this.#socket.destroy(), LINGER_MS).unref();
    this.#socket.end();
  }

  /** Bytes came that nobody takes. */
  dropped(octets: number): void {
    this.#dropped += octets;
    if (this.#dropped > MAX_DROPPED_BYTES) this.#socket.destroy();
  }

  /** The socket is closed. */
  closed(): void {
    clearTimeout(this.#timer);
  }
}
