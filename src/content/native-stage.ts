// One of node's zlib streams as an async generator: backpressure, what was decoded before a fault is kept, and the
// stream is closed with the generator.
import type { Transform } from "node:stream";

/** What ended a decoder early; `truncated` when the input simply stopped. */
export class DecodeFault extends Error {
  readonly truncated: boolean;

  constructor(message: string, truncated: boolean, cause?: unknown) {
    super(message, { cause });
    this.truncated = truncated;
  }
}

/**
 * Feeds `source` through `stream`, a zlib transform of this generator alone.
 * @throws DecodeFault after everything that could be decoded was yielded.
 */
export async function* throughStream(
  stream: Transform,
  source: AsyncIterable<Buffer> | Iterable<Buffer>,
): AsyncGenerator<Buffer> {
  const state = new StageState(stream);
  try {
    for await (const piece of source) {
      if (piece.length === 0) continue;
      yield* state.feed(piece);
      if (state.fault !== undefined) throw state.fault;
    }
    if (!state.begun) return;
    // Only now, with everything read: an error destroys a stream together with what nobody has read yet.
    yield* state.finish();
    if (state.fault !== undefined) throw state.fault;
  } finally {
    stream.destroy();
  }
}

class StageState {
  fault: DecodeFault | undefined;
  begun = false;
  #ended = false;
  readonly #stream: Transform;
  #wake: () => void = () => {};

  constructor(stream: Transform) {
    this.#stream = stream;
    stream.on("error", (error: Error & { code?: string }) => {
      this.fault = new DecodeFault(
        error.message,
        error.code === "Z_BUF_ERROR" || /unexpected end/i.test(error.message),
        error,
      );
      this.#wake();
    });
    stream.on("readable", () => this.#wake());
    // Also in the middle: what follows the end of the compressed data is no concern of the stream.
    stream.on("end", () => {
      this.#ended = true;
      this.#wake();
    });
  }

  async *feed(piece: Buffer): AsyncGenerator<Buffer> {
    if (this.#ended) return;
    this.begun = true;
    let taken = false;
    this.#stream.write(piece, () => {
      taken = true;
      this.#wake();
    });
    yield* this.#read(() => taken);
  }

  async *finish(): AsyncGenerator<Buffer> {
    this.#stream.end();
    yield* this.#read(() => false);
  }

  async *#read(isOver: () => boolean): AsyncGenerator<Buffer> {
    for (;;) {
      const waiting = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      const over = isOver() || this.#ended || this.fault !== undefined;
      const output: unknown = this.#stream.read();
      if (Buffer.isBuffer(output)) yield output;
      else if (over) return;
      else await waiting;
    }
  }
}
