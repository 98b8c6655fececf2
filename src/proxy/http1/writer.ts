// Writes to an HTTP/1 connection with as few socket writes as the bytes allow: a head and the body that came in the
// same read lie side by side in memory and leave as one write, one TLS record.
import type { Socket } from "node:net";

export class ConnectionWriter {
  readonly #socket: Socket;
  #pending: Buffer | undefined;
  #corked = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Takes bytes; they leave at `flush`. Views of one buffer that follow each other are joined without a copy. */
  write(bytes: Buffer): void {
    if (bytes.length === 0) return;
    const pending = this.#pending;
    if (pending === undefined) {
      this.#pending = bytes;
      return;
    }
    if (pending.buffer === bytes.buffer && pending.byteOffset + pending.length === bytes.byteOffset) {
      this.#pending = Buffer.from(pending.buffer, pending.byteOffset, pending.length + bytes.length);
      return;
    }
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
    }
    this.#socket.write(pending);
    this.#pending = bytes;
  }

  writeText(latin1: string): void {
    this.write(Buffer.from(latin1, "latin1"));
  }

  /** @returns false when the peer reads more slowly than this writes: wait for the socket's `drain`. */
  flush(): boolean {
    const pending = this.#pending;
    if (pending === undefined) return !this.#socket.writableNeedDrain;
    this.#pending = undefined;
    const more = this.#socket.write(pending);
    if (this.#corked) {
      this.#corked = false;
      this.#socket.uncork();
    }
    return more;
  }
}
