// Ends our side of a connection after a last response and reads on for a while, since closing at once could reset the
// response away (RFC 9112 section 9.6).
import type { Socket } from "node:net";

/** How long a client may take to end its side. */
const LINGER_MS = 5_000;

export class LingeringEnd {
  readonly #socket: Socket;
  /** Destroys the connection. */
  readonly #destroy: () => void;
  #begun = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, destroy: () => void) {
    this.#socket = socket;
    this.#destroy = destroy;
  }

  /** Our side has ended; what the client still sends is not read. */
  get begun(): boolean {
    return this.#begun;
  }

  /** @param inputEnded the client has ended its side */
  begin(inputEnded: boolean): void {
    this.#begun = true;
    if (inputEnded) {
      this.#socket.destroySoon();
      return;
    }
    // Counted from when the last byte was taken: a client that reads slowly still gets all of its response.
    this.#socket.end(() => {
      if (!this.#socket.destroyed) this.#timer = setTimeout(this.#destroy, LINGER_MS).unref();
    });
    this.#socket.resume();
  }

  /** The connection is closed. */
  closed(): void {
    clearTimeout(this.#timer);
  }
}
