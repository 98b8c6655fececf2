// Undoes Content-Encoding: of a body in memory, and of one that streams. What is damaged or cut gives what could be
// decoded and a sentence about the rest; a decompression bomb ends at a limit.
import { Duplex } from "node:stream";
import type { RawHeaders } from "../exchange/headers.js";
import { type CodingDecoder, decoderOf, quickDecode } from "./coding-decoders.js";
import { contentCodings } from "./codings.js";
import { DecodeFault } from "./native-stage.js";

/** 64 MB: what a body may decode to in memory unless the caller says otherwise. */
const DECODED_LIMIT = 64 * 1024 * 1024;

export interface DecodeOptions {
  /** Decoded bytes to stop at. In memory 64 MB by default; of a stream none. */
  readonly limit?: number;
}

/** How decoding went. */
interface DecodeOutcome {
  /** A sentence for a person: why the bytes are not the whole content. */
  readonly problem?: string;
  /** Decoding stopped at the limit. */
  readonly limited?: true;
}

export interface DecodedContent extends DecodeOutcome {
  /** The content; with a `problem`, what could be decoded of it, or where nothing could the bytes as they came. */
  readonly bytes: Buffer;
  /** The codings that the headers name, in the order in which they were applied. */
  readonly codings: readonly string[];
}

/** Never rejects because of what the bytes are. */
export async function decodeContent(
  bytes: Buffer,
  headers: RawHeaders,
  options: DecodeOptions = {},
): Promise<DecodedContent> {
  const codings = contentCodings(headers);
  const limit = options.limit ?? DECODED_LIMIT;
  let content = bytes;
  let outcome: DecodeOutcome = {};
  // A body that was not kept, of HEAD, of 304: nothing to decode is no fault.
  if (bytes.length > 0) {
    for (const coding of codings.toReversed()) {
      const decoder = decoderOf(coding);
      if (decoder === undefined) return { bytes: content, codings, problem: unknown(coding) };
      const decoded =
        (await quickDecode(decoder, content, limit)) ?? (await salvage(decoder, content, limit));
      content = decoded.bytes;
      outcome = { ...outcome, ...decoded.outcome };
      if (decoded.undecodable) break;
    }
  }
  return { bytes: content, codings, ...outcome };
}

interface Salvaged {
  readonly bytes: Buffer;
  readonly outcome: DecodeOutcome;
  /** Nothing came out, and `bytes` are as they came. */
  readonly undecodable?: true;
}

const COARSE_PIECE = 4096;

/** Piece by piece, so that everything before a fault is had: the faulty piece a second time, byte by byte. */
async function salvage(decoder: CodingDecoder, bytes: Buffer, limit: number): Promise<Salvaged> {
  const first = await decodePieces(decoder, pieces(bytes, bytes.length), limit);
  if (first.fault === undefined) return { bytes: first.output, outcome: first.outcome };
  const faultyPiece = Math.max(0, first.begun - 1) * COARSE_PIECE;
  const best =
    first.fault.truncated || decoder.exact
      ? first
      : await decodePieces(decoder, pieces(bytes, faultyPiece, faultyPiece + COARSE_PIECE), limit);
  const problem = faultSentence(decoder.coding, first.fault, best.output.length);
  if (best.output.length === 0) return { bytes, outcome: { problem }, undecodable: true };
  return { bytes: best.output, outcome: { ...best.outcome, problem } };
}

function* pieces(bytes: Buffer, fineFrom: number, fineTo = fineFrom): Generator<Buffer> {
  for (let start = 0; start < bytes.length; ) {
    const length = start >= fineFrom && start < fineTo ? 1 : COARSE_PIECE;
    yield bytes.subarray(start, start + length);
    start += length;
  }
}

interface PiecesResult {
  readonly output: Buffer;
  readonly outcome: DecodeOutcome;
  readonly fault?: DecodeFault;
  /** How many pieces the decoder had taken. */
  readonly begun: number;
}

async function decodePieces(
  decoder: CodingDecoder,
  source: Iterable<Buffer>,
  limit: number,
): Promise<PiecesResult> {
  const output: Buffer[] = [];
  let size = 0;
  let begun = 0;
  let fault: DecodeFault | undefined;
  const counted = function* (): Generator<Buffer> {
    for (const piece of source) {
      begun++;
      yield piece;
    }
  };
  try {
    for await (const decoded of decoder.through(counted())) {
      output.push(decoded.subarray(0, limit - size));
      size += decoded.length;
      if (size > limit) return { output: Buffer.concat(output), outcome: { limited: true }, begun };
    }
  } catch (error) {
    if (!(error instanceof DecodeFault)) throw error;
    fault = error;
  }
  return { output: Buffer.concat(output), outcome: {}, begun, ...(fault === undefined ? {} : { fault }) };
}

/** A stream of decoded bytes; how it went is in `outcome` once it has ended. */
export type ContentDecoder = Duplex & {
  readonly codings: readonly string[];
  readonly outcome: DecodeOutcome;
};

/**
 * Decodes a body of any size in bounded memory: write the recorded bytes, read the content. Faults do not fail the
 * stream: it ends after what could be decoded, and `outcome.problem` says why.
 */
export function createContentDecoder(headers: RawHeaders, options: DecodeOptions = {}): ContentDecoder {
  const codings = contentCodings(headers);
  const outcome: { problem?: string; limited?: true } = {};
  const stream = Duplex.from(async function* (source: AsyncIterable<Buffer>) {
    const input = unclosed(source);
    let content: AsyncIterable<Buffer> = input;
    for (const coding of codings.toReversed()) {
      const decoder = decoderOf(coding);
      if (decoder === undefined) {
        outcome.problem = unknown(coding);
        break;
      }
      content = tolerant(decoder, content, outcome);
    }
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    for await (const bytes of content) {
      if (bytes.length > left) outcome.limited = true;
      if (left > 0) yield bytes.subarray(0, Math.min(bytes.length, left));
      left -= bytes.length;
      if (outcome.limited) break;
    }
    // Read on to the end, so that whoever writes is not left waiting.
    for await (const _rest of input);
  });
  return Object.assign(stream, { codings, outcome });
}

/** The same source, which a loop that is left early does not close. */
function unclosed(source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const iterator = source[Symbol.asyncIterator]();
  return { [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) };
}

async function* tolerant(
  decoder: CodingDecoder,
  source: AsyncIterable<Buffer>,
  outcome: { problem?: string },
): AsyncGenerator<Buffer> {
  let size = 0;
  try {
    for await (const decoded of decoder.through(source)) {
      size += decoded.length;
      yield decoded;
    }
  } catch (error) {
    if (!(error instanceof DecodeFault)) throw error;
    outcome.problem ??= faultSentence(decoder.coding, error, size);
  }
}

function unknown(coding: string): string {
  return `The content coding ${JSON.stringify(coding.slice(0, 40))} is not known here: the bytes are as they came.`;
}

function faultSentence(coding: string, fault: DecodeFault, size: number): string {
  if (size === 0 && !fault.truncated)
    return `The body is not ${coding} (${fault.message}): its bytes are as they came.`;
  if (size === 0) return `The ${coding} body was cut off before any content: its bytes are as they came.`;
  const what = fault.truncated ? "was cut off" : `is damaged (${fault.message})`;
  return `The ${coding} body ${what} after ${size} decoded bytes.`;
}
