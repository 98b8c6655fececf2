// Reads parts of a file by their places. Places that ascend, as a search's do, are served from large reads, the next of
// which is under way while the parts of this one are looked at.
import type { FileHandle } from "node:fs/promises";

const WINDOW = 1024 * 1024;
/** The first window, for those who want a few parts only; each further one is twice as large. */
const FIRST_WINDOW = 64 * 1024;
/** Room before a window for what began in the one before. */
const CARRY = 256 * 1024;
/** A gap up to this many bytes is read over. */
const GAP = 256 * 1024;
const NOTHING = Buffer.alloc(0);

interface Ahead {
  readonly offset: number;
  /** Its bytes come behind CARRY. */
  readonly buffer: Buffer;
  readonly length: Promise<number>;
}

export class FileWindow {
  readonly #file: FileHandle;
  /** What is in memory, from `#offset` on. */
  #bytes: Buffer = NOTHING;
  #offset = 0;
  #ahead: Ahead | undefined;
  /** Two that take turns: making one for each read costs as much as reading. */
  #spare: Buffer | undefined;
  #used: Buffer | undefined;
  #size = FIRST_WINDOW;
  /** Of the last part that was read outside of the window. */
  #lastEnd = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** @returns the part, or undefined where it has to be waited for: `load` it then. Valid until the next `load`. */
  get(offset: number, length: number): Buffer | undefined {
    const from = offset - this.#offset;
    if (from < 0 || from + length > this.#bytes.length) return undefined;
    return this.#bytes.subarray(from, from + length);
  }

  /** One at a time. @returns what the file has there: less than `length` where it ends. */
  async load(offset: number, length: number): Promise<Buffer> {
    const end = this.#offset + this.#bytes.length;
    const near = offset >= this.#offset && offset <= end + GAP && length <= CARRY;
    if (!near) {
      const goesOn = offset >= this.#lastEnd && offset <= this.#lastEnd + GAP && length <= CARRY;
      this.#lastEnd = offset + length;
      // A single part elsewhere does not end what is being read here; a second one behind it does.
      if (!goesOn) return await this.#single(offset, length);
      await this.settle();
      this.#release();
      this.#offset = offset;
    }
    while (this.get(offset, length) === undefined) {
      if (!(await this.#advance(offset))) break;
    }
    const from = offset - this.#offset;
    return from < 0 ? NOTHING : this.#bytes.subarray(from, from + length);
  }

  /** Waits for what is being read: before the file is closed. */
  async settle(): Promise<void> {
    await this.#ahead?.length.catch(() => {});
  }

  /** The next window, with what is kept of this one from `keep` on. @returns false at the file's end. */
  async #advance(keep: number): Promise<boolean> {
    const ahead = this.#ahead ?? this.#read(this.#offset + this.#bytes.length);
    this.#ahead = undefined;
    const length = await ahead.length;
    const kept = this.#bytes.subarray(Math.min(Math.max(0, keep - this.#offset), this.#bytes.length));
    kept.copy(ahead.buffer, CARRY - kept.length);
    this.#bytes = ahead.buffer.subarray(CARRY - kept.length, CARRY + length);
    this.#offset = ahead.offset - kept.length;
    this.#spare = this.#used;
    this.#used = ahead.buffer;
    if (length === 0) return false;
    const isFirst = this.#size === FIRST_WINDOW;
    this.#size = Math.min(WINDOW, this.#size * 2);
    if (isFirst) return true;
    this.#ahead = this.#read(ahead.offset + length);
    // Whoever asks for it meets the error.
    this.#ahead.length.catch(() => {});
    return true;
  }

  #read(offset: number): Ahead {
    const size = this.#size;
    const spare = this.#spare;
    this.#spare = undefined;
    const fits = spare !== undefined && spare.length >= CARRY + size;
    const buffer = fits ? spare : Buffer.allocUnsafeSlow(CARRY + size);
    const length = this.#file.read(buffer, CARRY, size, offset).then(({ bytesRead }) => bytesRead);
    return { offset, buffer, length };
  }

  #release(): void {
    this.#spare = this.#used ?? this.#ahead?.buffer;
    this.#used = undefined;
    this.#ahead = undefined;
    this.#bytes = NOTHING;
    this.#size = FIRST_WINDOW;
  }

  async #single(offset: number, length: number): Promise<Buffer> {
    const { buffer, bytesRead } = await this.#file.read(Buffer.allocUnsafe(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  }
}
