// Lines out of a stream of bytes, none longer than a limit.

export class LineReader {
  readonly #limit: number;
  readonly #onLine: (line: string) => void;
  readonly #onTooLong: () => void;
  #pieces: Buffer[] = [];
  #waiting = 0;
  #over = false;

  /** @param onTooLong called once; nothing is read after it */
  constructor(limit: number, onLine: (line: string) => void, onTooLong: () => void) {
    this.#limit = limit;
    this.#onLine = onLine;
    this.#onTooLong = onTooLong;
  }

  write(chunk: Buffer): void {
    let start = 0;
    while (!this.#over) {
      const end = chunk.indexOf(0x0a, start);
      const piece = chunk.subarray(start, end === -1 ? chunk.length : end);
      if (this.#waiting + piece.length > this.#limit) {
        this.#over = true;
        this.#pieces = [];
        this.#onTooLong();
        return;
      }
      this.#pieces.push(piece);
      this.#waiting += piece.length;
      if (end === -1) return;
      start = end + 1;
      const line = Buffer.concat(this.#pieces).toString("utf8");
      this.#pieces = [];
      this.#waiting = 0;
      this.#onLine(line);
    }
  }

  /** Nothing is read from here on. */
  stop(): void {
    this.#over = true;
    this.#pieces = [];
  }
}
