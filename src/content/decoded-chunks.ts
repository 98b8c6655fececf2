// Carries the times of a compressed body's pieces over to the content: what each piece decoded to.
import type { RawHeaders } from "../exchange/headers.js";
import { decoderOf } from "./coding-decoders.js";
import { contentCodings } from "./codings.js";
import { DecodeFault } from "./native-stage.js";

export type Chunks = readonly (readonly [ms: number, bytes: number])[];

/**
 * @param bytes of the body as recorded, with its content coding.
 * @param chunks as recorded: `[milliseconds since the exchange started, bytes on the wire]`.
 * @returns the chunks with the sizes that they decoded to; those given where there is no coding, or an unknown one.
 */
export async function decodedChunks(bytes: Buffer, headers: RawHeaders, chunks: Chunks): Promise<Chunks> {
  const codings = contentCodings(headers);
  if (codings.length === 0) return chunks;
  let current = 0;
  const sizes = chunks.map(() => 0);
  let content = (async function* (): AsyncGenerator<Buffer> {
    let start = 0;
    // A decoder asks for a piece only when all that the one before decodes to was taken.
    for (const [index, [, size]] of chunks.entries()) {
      current = index;
      yield bytes.subarray(start, start + size);
      start += size;
    }
  })();
  for (const coding of codings.toReversed()) {
    const decoder = decoderOf(coding);
    if (decoder === undefined) return chunks;
    content = decoder.through(content);
  }
  try {
    for await (const decoded of content) sizes[current] = (sizes[current] ?? 0) + decoded.length;
  } catch (error) {
    // What came before the fault has its time; nothing after it was decoded.
    if (!(error instanceof DecodeFault)) throw error;
  }
  return chunks.map(([ms], index) => [ms, sizes[index] ?? 0]);
}
