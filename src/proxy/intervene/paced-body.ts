// Lets a body through at so many bytes a second. What does not fit waits here, bounded by whoever heeds `full`.

const TICK_MS = 50;
/** What may wait before the sender has to. */
const MOST_WAITING = 64 * 1024;

export class PacedBody {
  readonly #bytesPerMs: number;
  readonly #emit: (piece: Buffer) => void;
  readonly #onRoom: () => void;
  #queue: Buffer[] = [];
  #waiting = 0;
  #wasFull = false;
  /** Bytes that may leave now. */
  #allowance = 0;
  #countedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #paused = false;
  #atEnd: (() => void)[] = [];

  /**
   * @param emit takes what may leave; it may call `pause`
   * @param onRoom called when it was full and has room again
   */
  constructor(bytesPerSecond: number, emit: (piece: Buffer) => void, onRoom: () => void) {
    this.#bytesPerMs = Math.max(bytesPerSecond, 1) / 1000;
    this.#emit = emit;
    this.#onRoom = onRoom;
  }

  get full(): boolean {
    return this.#waiting >= MOST_WAITING;
  }

  push(data: readonly Buffer[]): void {
    for (const piece of data) {
      if (piece.length === 0) continue;
      this.#queue.push(piece);
      this.#waiting += piece.length;
    }
    if (this.full) this.#wasFull = true;
    this.#schedule();
  }

  /** Calls back when everything before has left. */
  end(callback: () => void): void {
    this.#atEnd.push(callback);
    this.#schedule();
  }

  pause(): void {
    this.#paused = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  resume(): void {
    this.#paused = false;
    this.#schedule();
  }

  /** Nothing leaves any more. */
  stop(): void {
    this.pause();
    this.#queue = [];
    this.#waiting = 0;
    this.#wasFull = false;
    this.#atEnd = [];
  }

  #schedule(): void {
    if (this.#paused || this.#timer !== undefined) return;
    if (this.#waiting === 0) this.#end();
    else this.#timer = setTimeout(() => this.#tick(), TICK_MS);
  }

  #tick(): void {
    this.#timer = undefined;
    const now = performance.now();
    // What was not used up long ago is not made up for in a burst; but a slow trickle adds up to a byte some day.
    const most = Math.max(1, this.#bytesPerMs * TICK_MS * 2);
    this.#allowance = Math.min(this.#allowance + (now - this.#countedAt) * this.#bytesPerMs, most);
    this.#countedAt = now;
    while (!this.#paused && this.#allowance >= 1 && this.#queue.length > 0) this.#emitOne();
    if (this.#wasFull && !this.full) {
      this.#wasFull = false;
      this.#onRoom();
    }
    this.#schedule();
  }

  #emitOne(): void {
    const first = this.#queue[0]!;
    const length = Math.min(first.length, Math.floor(this.#allowance));
    if (length === first.length) this.#queue.shift();
    else this.#queue[0] = first.subarray(length);
    this.#waiting -= length;
    this.#allowance -= length;
    this.#emit(first.subarray(0, length));
  }

  #end(): void {
    for (const callback of this.#atEnd.splice(0)) callback();
  }
}
