// Decodes zstd by fzstd, kept to bounded memory and work. Not by Node's own where there is one (22.15 on): measured in
// 24.21, it ends after the first frame and passes over what follows a skippable one; fzstd reads 90 to 240 MB/s.
import { setImmediate as turn } from "node:timers/promises";
import { Decompress } from "fzstd";
import { DecodeFault } from "./native-stage.js";
import { ZstdFrames } from "./zstd-frames.js";

/**
 * fzstd moves its whole window at every block. Full blocks (128 KB) in the largest window pay for themselves; what tiny
 * ones cost beyond that ends here, after some seconds: 2,000 of them in a window of 8 MB, 8,000 in the usual 2 MB.
 */
const MOST_BYTES_MOVED = 16 * 1024 ** 3;
const MOVED_PER_BYTE = 1024;
const LONGEST_TURN_MS = 4;

/** @throws DecodeFault after everything that could be decoded was yielded. */
export async function* throughZstd(source: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<Buffer> {
  let output: Buffer[] = [];
  let moved = 0;
  const frames = new ZstdFrames();
  const decoder = new Decompress((data) => {
    moved += Math.max(0, frames.window - data.length * MOVED_PER_BYTE);
    // fzstd goes on using its buffer.
    if (data.length > 0) output.push(Buffer.from(data));
  });
  let turnStart = performance.now();
  const push = (part: Buffer, last: boolean): void => {
    try {
      decoder.push(part, last);
    } catch (error) {
      throw new DecodeFault(error instanceof Error ? error.message : "invalid zstd data", last, error);
    }
  };
  for await (const piece of source) {
    for (const part of frames.split(piece)) {
      push(part, false);
      if (moved > MOST_BYTES_MOVED) throw new DecodeFault("too many small zstd blocks", false);
      yield* output;
      output = [];
      if (performance.now() - turnStart > LONGEST_TURN_MS) {
        await turn();
        turnStart = performance.now();
      }
    }
  }
  if (!frames.complete) throw new DecodeFault("unexpected end of file", true);
  push(Buffer.alloc(0), true);
  yield* output;
}
