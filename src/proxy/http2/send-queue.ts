// The data of one stream that waits for a window. Large pieces wait by reference; small ones are put together, or a peer
// that sends single octets to one that does not read would make millions of objects of a window.

/** Below this a piece is copied. */
const SMALL_PIECE = 1024;
const FIRST_TAIL = 1024;
const MAX_TAIL = 16_384;

export class SendQueue {
  /** Pieces from `#first` on; those before are empty. */
  #pieces: Buffer[] = [];
  #first = 0;
  /** The last piece, where it is ours to add to: its first `#tailUsed` octets count. */
  #tail: Buffer | undefined;
  #tailUsed = 0;

  get empty(): boolean {
    return this.#first === this.#pieces.length;
  }

  /** There is one piece, or part of one. */
  get last(): boolean {
    return this.#first === this.#pieces.length - 1;
  }

  /** The piece whose turn it is. */
  get head(): Buffer | undefined {
    const piece = this.#pieces[this.#first];
    if (piece === undefined || piece !== this.#tail) return piece;
    // What is sent of it is held by the transport from now on: nothing is added any more.
    const used = piece.subarray(0, this.#tailUsed);
    this.#pieces[this.#first] = used;
    this.#tail = undefined;
    return used;
  }

  push(data: Buffer): void {
    if (data.length === 0) return;
    if (data.length >= SMALL_PIECE) {
      this.#closeTail();
      this.#pieces.push(data);
      return;
    }
    if (this.#tail === undefined || this.#tail.length - this.#tailUsed < data.length) this.#openTail();
    this.#tailUsed += data.copy(this.#tail!, this.#tailUsed);
  }

  /** So much of the head was sent. */
  advance(octets: number): void {
    const head = this.head;
    if (head === undefined) return;
    if (octets < head.length) {
      this.#pieces[this.#first] = head.subarray(octets);
      return;
    }
    this.#first += 1;
    if (this.empty) this.clear();
    else if (this.#first > 64 && this.#first * 2 > this.#pieces.length) {
      this.#pieces = this.#pieces.slice(this.#first);
      this.#first = 0;
    }
  }

  clear(): void {
    this.#pieces = [];
    this.#first = 0;
    this.#tail = undefined;
  }

  /** A tail that was filled is followed by a larger one. */
  #openTail(): void {
    const size = this.#tail === undefined ? FIRST_TAIL : Math.min(MAX_TAIL, this.#tail.length * 4);
    this.#closeTail();
    this.#tail = Buffer.allocUnsafeSlow(size);
    this.#tailUsed = 0;
    this.#pieces.push(this.#tail);
  }

  #closeTail(): void {
    const tail = this.#tail;
    this.#tail = undefined;
    if (tail !== undefined) this.#pieces[this.#pieces.length - 1] = tail.subarray(0, this.#tailUsed);
  }
}
