// The messages of gRPC, gRPC-Web and Connect streams: length-prefixed frames, each compressed by itself.
import * as zlib from "node:zlib";
import { headerValue, type RawHeaders } from "../exchange/headers.js";

interface GrpcFrame {
  readonly kind: "message" | "trailers";
  readonly compressed: boolean;
  /** Bytes of its content on the wire, without the prefix of five. */
  readonly size: number;
  /** Decompressed; as it came where that failed. */
  readonly message: Buffer;
  readonly problem?: string;
}

export interface GrpcFrames {
  readonly frames: readonly GrpcFrame[];
  /** A sentence: why the frames are not the whole body. */
  readonly problem?: string;
}

const MOST_FRAMES = 10_000;
/** Decompressed bytes of all frames together, and of one: this runs at once, not in the background. */
const TOTAL_LIMIT = 8 * 1024 * 1024;
const FRAME_LIMIT = 2 * 1024 * 1024;

/**
 * @param type of the body, lower case: `application/grpc`, `application/grpc-web-text+proto`, `application/connect+json`.
 * @param headers of the same message: `grpc-encoding` names the compression.
 */
export function parseGrpc(bytes: Buffer, type: string, headers: RawHeaders): GrpcFrames {
  const framed = type.startsWith("application/grpc-web-text") ? decodeGrpcWebText(bytes) : bytes;
  const isConnect = type.startsWith("application/connect");
  const encodingField = isConnect ? "connect-content-encoding" : "grpc-encoding";
  const encoding = (headerValue(headers, encodingField) ?? "identity").trim().toLowerCase();
  // Connect marks its end of stream with 2, gRPC-Web its trailers with 128.
  const trailersFlag = isConnect ? 0x02 : 0x80;
  const frames: GrpcFrame[] = [];
  let left = TOTAL_LIMIT;
  let at = 0;
  while (at + 5 <= framed.length) {
    if (frames.length === MOST_FRAMES)
      return { frames, problem: `There are more than ${MOST_FRAMES} messages.` };
    const flags = framed.readUInt8(at);
    const size = framed.readUInt32BE(at + 1);
    if ((flags & ~(0x01 | trailersFlag)) !== 0)
      return { frames, problem: `At byte ${at} no message begins.` };
    const content = framed.subarray(at + 5, at + 5 + size);
    const kind = (flags & trailersFlag) === 0 ? "message" : "trailers";
    const isWhole = content.length === size;
    if (!isWhole) {
      const problem = `The last message was cut off: ${content.length} of its ${size} bytes came.`;
      frames.push({ kind, compressed: (flags & 1) === 1, size, message: content, problem });
      return { frames, problem };
    }
    const frame = frameOf(content, kind, (flags & 1) === 1, encoding, left);
    left -= frame.compressed ? frame.message.length : 0;
    frames.push(frame);
    at += 5 + size;
  }
  return at === framed.length
    ? { frames }
    : { frames, problem: "The prefix of the last message was cut off." };
}

function frameOf(
  content: Buffer,
  kind: GrpcFrame["kind"],
  compressed: boolean,
  encoding: string,
  left: number,
): GrpcFrame {
  const frame = { kind, compressed, size: content.length } as const;
  if (!compressed || content.length === 0) return { ...frame, message: content };
  const decompress = DECOMPRESSORS[encoding];
  if (decompress === undefined) {
    return {
      ...frame,
      message: content,
      problem: `Messages compressed with ${encoding.slice(0, 40)} cannot be read here.`,
    };
  }
  try {
    const options = { maxOutputLength: Math.max(1, Math.min(left, FRAME_LIMIT)) };
    return { ...frame, message: decompress(content, options) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...frame, message: content, problem: `The message could not be decompressed: ${reason}.` };
  }
}

const DECOMPRESSORS: Readonly<Partial<Record<string, (bytes: Buffer, options: zlib.ZlibOptions) => Buffer>>> =
  {
    gzip: zlib.gunzipSync,
    deflate: zlib.inflateSync,
    br: zlib.brotliDecompressSync,
  };

/** Base64 of each flushed piece, with padding in between: every group of four stands for itself. */
function decodeGrpcWebText(bytes: Buffer): Buffer {
  const segments = bytes.toString("latin1").split(/(?<==)(?!=)/);
  return Buffer.concat(segments.map((segment) => Buffer.from(segment, "base64")));
}
