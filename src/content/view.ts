// What a body means: looks at its type, and at the bytes where the type is missing or wrong, and gives a view of it.
import { decodeCbor } from "./cbor.js";
import { parseEvents, timesOf } from "./events.js";
import { graphqlOfUrl } from "./graphql.js";
import { parseGrpc } from "./grpc.js";
import { hexDump } from "./hex-dump.js";
import { imageInfo } from "./image-size.js";
import { magicFormat } from "./magic.js";
import { type MediaType, parseMediaType } from "./media-type.js";
import { decodeMsgpack } from "./msgpack.js";
import { parseMultipart } from "./multipart.js";
import { decodeProtobuf } from "./protobuf.js";
import { decodeText, looksLikeText } from "./text.js";
import { viewText } from "./view-text.js";
import type { ContentView, ViewInput } from "./view-types.js";

const DEFAULT_LIMIT = 1024 * 1024;
const DEFAULT_DUMP = 1024;
const MOST_PARTS = 100;
const MOST_EVENTS = 10_000;
const DEEPEST = 4;

/** Never throws, whatever the bytes are; bounded by `limit` in time and size. */
export function viewContent(input: ViewInput): ContentView {
  return viewAt(input, 0);
}

function viewAt(input: ViewInput, depth: number): ContentView {
  const size = input.bytes.length;
  const limit = input.limit ?? DEFAULT_LIMIT;
  const type = parseMediaType(input.contentType);
  if (size === 0) return viewNothing(input);
  const isCut = size > limit;
  const bytes = isCut ? cutText(input.bytes.subarray(0, limit)) : input.bytes;
  const view =
    viewStructured({ ...input, bytes }, type, depth) ?? viewPlain({ ...input, bytes }, type, isCut);
  return isCut ? { ...view, size, shown: bytes.length } : view;
}

function viewNothing({ url }: ViewInput): ContentView {
  const operations = url === undefined ? null : graphqlOfUrl(url);
  return operations === null
    ? { kind: "empty", size: 0 }
    : { kind: "graphql", size: 0, operations, batch: false };
}

/** Content whose type names a structure of bytes. */
function viewStructured(input: ViewInput, type: MediaType, depth: number): ContentView | null {
  const { bytes } = input;
  const size = bytes.length;
  if (/^application\/(?:grpc|connect\+)/.test(type.essence) && depth < DEEPEST)
    return viewGrpc(input, type, depth);
  if (type.type === "multipart" && depth < DEEPEST) return viewMultipart(input, depth);
  if (type.essence === "text/event-stream") return viewEvents(input);
  if (isProtobuf(type)) return { kind: "protobuf", size, ...decodeProtobuf(bytes) };
  if (
    /^application\/(?:(?:x-|vnd\.)?msgpack|x-messagepack)$/.test(type.essence) ||
    type.suffix === "msgpack"
  ) {
    return { kind: "data", format: "msgpack", size, ...decodeMsgpack(bytes) };
  }
  if (/^application\/cbor(?:-seq)?$/.test(type.essence) || /^cbor(?:-seq)?$/.test(type.suffix)) {
    return { kind: "data", format: "cbor", size, ...decodeCbor(bytes) };
  }
  return null;
}

/** Content that is an image, text, or only bytes. */
function viewPlain(input: ViewInput, type: MediaType, isCut: boolean): ContentView {
  const { bytes } = input;
  const size = bytes.length;
  const isText = type.type === "text" || looksLikeText(bytes);
  const image = isText && type.type !== "image" ? null : imageInfo(bytes);
  if (image !== null && image.format !== "svg") return { kind: "image", size, image };
  const decoded = decodeText(bytes, input.contentType, { lossy: true });
  if (decoded !== null) {
    const view = viewText(decoded, type, size, isCut);
    return image === null || view.kind !== "text" ? view : { kind: "image", size, image, source: view.text };
  }
  const dumped = Math.min(size, input.dumpLimit ?? DEFAULT_DUMP);
  const format = magicFormat(bytes);
  return {
    kind: "binary",
    size,
    dump: hexDump(bytes, { limit: dumped }),
    dumped,
    ...(format === undefined ? {} : { format }),
  };
}

function viewEvents({ bytes, chunks }: ViewInput): ContentView {
  const all = parseEvents(bytes);
  const events = all.slice(0, MOST_EVENTS);
  const times = timesOf(events, chunks ?? []);
  return {
    kind: "events",
    size: bytes.length,
    events: events.map((event, index) => ({ ...event, time: times[index] ?? null })),
    ...(all.length > MOST_EVENTS
      ? { problem: `${all.length - MOST_EVENTS} more events are not shown.` }
      : {}),
  };
}

function viewMultipart(input: ViewInput, depth: number): ContentView {
  const { parts, problem } = parseMultipart(input.bytes, input.contentType);
  const left = parts.length - MOST_PARTS;
  const complaint = left > 0 ? `${left} more parts are not shown.` : problem;
  return {
    kind: "multipart",
    size: input.bytes.length,
    parts: parts.slice(0, MOST_PARTS).map(({ name, filename, headers, contentType, start, end }) => ({
      ...(name === undefined ? {} : { name }),
      ...(filename === undefined ? {} : { filename }),
      headers,
      view: viewAt(
        { bytes: input.bytes.subarray(start, end), contentType, headers, ...dumpLimitOf(input) },
        depth + 1,
      ),
    })),
    ...(complaint === undefined ? {} : { problem: complaint }),
  };
}

function viewGrpc(input: ViewInput, type: MediaType, depth: number): ContentView {
  const { frames, problem } = parseGrpc(input.bytes, type.essence, input.headers);
  const left = frames.length - MOST_PARTS;
  const complaint = left > 0 ? `${left} more messages are not shown.` : problem;
  const isConnect = type.essence.startsWith("application/connect");
  const isJson = type.suffix === "json";
  return {
    kind: "grpc",
    size: input.bytes.length,
    messages: frames.slice(0, MOST_PARTS).map((frame) => {
      const trailersType = isConnect ? "application/json" : "text/plain";
      const messageType = isJson ? "application/json" : "application/protobuf";
      const contentType = frame.kind === "trailers" ? trailersType : messageType;
      const view = viewAt(
        { bytes: frame.message, contentType, headers: [], ...dumpLimitOf(input) },
        depth + 1,
      );
      return {
        kind: frame.kind,
        compressed: frame.compressed,
        size: frame.size,
        view: frame.problem === undefined ? view : { ...view, problem: frame.problem },
      };
    }),
    ...(complaint === undefined ? {} : { problem: complaint }),
  };
}

function dumpLimitOf({ dumpLimit }: ViewInput): { dumpLimit?: number } {
  return dumpLimit === undefined ? {} : { dumpLimit };
}

function isProtobuf(type: MediaType): boolean {
  return (
    /^application\/(?:(?:x-|vnd\.google\.)?protobuf|x-protobuffer|proto|x-google-protobuf)$/.test(
      type.essence,
    ) ||
    type.suffix === "proto" ||
    type.suffix === "protobuf"
  );
}

/** Without the beginning of a UTF-8 character whose rest was cut off: it would make binary of a text. */
function cutText(bytes: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0xc0) return bytes.subarray(0, bytes.length - back);
    if (byte < 0x80) break;
  }
  return bytes;
}
