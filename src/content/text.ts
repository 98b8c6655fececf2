// Which bodies are text, and text by its charset, there and back.
import { declaredCharset } from "./charset-declared.js";
import { canonicalCharset, decodeCharset, decodeLossily } from "./charsets.js";
import { isJsonType, isXmlType, type MediaType, parseMediaType } from "./media-type.js";

export { encodeText } from "./charset-encode.js";

export interface DecodedText {
  /** A byte order mark stays in it, as U+FEFF, so that `encodeText` gives the same bytes back. */
  readonly text: string;
  /** The WHATWG name in lower case: `utf-8`, `windows-1252`, `shift_jis`. */
  readonly charset: string;
}

/**
 * The text of a body without content coding. What is declared to be text is decoded by its byte order mark, its charset
 * parameter, its own declaration (HTML meta, XML, CSS), else as UTF-8, else as windows-1252. A type that says nothing is
 * text when the bytes are UTF-8 without control characters.
 * @param contentType as sent, or "".
 * @param options lossy: for people; what is declared to be text is decoded with U+FFFD for what does not fit.
 * @returns null where it is not text: not one valid in its charset, unless `lossy`.
 */
export function decodeText(
  bytes: Buffer,
  contentType: string,
  options: { lossy?: boolean } = {},
): DecodedText | null {
  const type = parseMediaType(contentType);
  if (isBinaryType(type)) return null;
  if (!isText(type)) return looksLikeText(bytes) ? strict(bytes, byteOrderMark(bytes) ?? "utf-8") : null;
  const declared = byteOrderMark(bytes) ?? declaredCharset(bytes, type);
  if (declared !== undefined) {
    const decoded = strict(bytes, declared);
    if (decoded !== null) return decoded;
    return options.lossy ? { text: decodeLossily(bytes, declared), charset: declared } : null;
  }
  const decoded = strict(bytes, "utf-8") ?? (hasControls(bytes) ? null : strict(bytes, "windows-1252"));
  if (decoded !== null) return decoded;
  return options.lossy ? { text: decodeLossily(bytes, "utf-8"), charset: "utf-8" } : null;
}

function strict(bytes: Buffer, charset: string): DecodedText | null {
  const text = decodeCharset(bytes, charset);
  return text === null ? null : { text, charset };
}

/** It wins over every declaration (WHATWG Encoding, "decode"). */
function byteOrderMark(bytes: Buffer): string | undefined {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return canonicalCharset("utf-8");
  if (a === 0xff && b === 0xfe) return canonicalCharset("utf-16le");
  if (a === 0xfe && b === 0xff) return canonicalCharset("utf-16be");
  return undefined;
}

/** @param mediaType without parameters, lower case. @returns whether its bodies are text by their name. */
export function isTextType(mediaType: string): boolean {
  return isText(parseMediaType(mediaType));
}

function isText(type: MediaType): boolean {
  if (type.type === "text" || isJsonType(type) || isXmlType(type)) return true;
  return TEXT_SUBTYPE.test(type.essence) || /^(?:yaml|json-seq)$/.test(type.suffix);
}

const TEXT_SUBTYPE =
  /^application\/(?:(?:x-)?(?:javascript|ecmascript|ndjson|jsonl|jsonlines|json-seq|yaml|toml|sh|csh|httpd-php|perl|python|sql|latex|tex|mpegurl|www-form-urlencoded|typescript|pem-file|x509-pem)|graphql|graphql-response|jwt|jose|sparql-query|sparql-update|n-triples|n-quads|trig|manifest|xml-dtd|x-amz-json-1\.[01]|vnd\.apple\.mpegurl|pgp-(?:signature|encrypted|keys)|jsonpath|http|sdp|node|rtf|postscript)$|^message\/(?:http|rfc822|news)$|^audio\/(?:x-)?mpegurl$|^model\/gltf$/;

/** Types that are bytes even where those happen to be printable. */
function isBinaryType(type: MediaType): boolean {
  if (isText(type)) return false;
  return /^(?:image|audio|video|font)$/.test(type.type) || BINARY_SUBTYPE.test(type.essence);
}

const BINARY_SUBTYPE =
  /^application\/(?:grpc(?:$|[+-])|(?:x-|vnd\.google\.)?protobuf$|(?:x-)?(?:msgpack|gzip|zip|tar|bzip2|xz|7z-compressed|protobuffer)$|vnd\.msgpack$|cbor$|pdf$|wasm$|zstd$|font-|x-font-|java-archive$|vnd\.ms-fontobject$)/;

/**
 * Whether bytes of unknown type are text: UTF-8 (or UTF-16 with its mark) without control characters
 * (the "binary data bytes" of WHATWG MIME Sniffing section 3).
 */
export function looksLikeText(bytes: Buffer): boolean {
  const mark = byteOrderMark(bytes);
  if (mark !== undefined && mark !== "utf-8") return decodeCharset(bytes, mark) !== null;
  return !hasControls(bytes) && decodeCharset(bytes, "utf-8") !== null;
}

function hasControls(bytes: Buffer): boolean {
  // By index: this goes over every byte of bodies of unknown type, and an iterator costs ten times as much.
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0;
    if (byte < 0x20 && !(byte >= 9 && byte <= 13 && byte !== 11) && byte !== 0x1b) return true;
  }
  return false;
}
