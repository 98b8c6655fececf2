// What an export has of a body: its content, or why it has none of it.
import { isUtf8 } from "node:buffer";
import { decodeText } from "../content/text.js";

/** A content that is too large to be held: it is written piece by piece. */
export interface ContentStream {
  /** Decoded bytes. */
  readonly size: number;
  /** `text` only for UTF-8; each piece may end within a character. */
  readonly form: "text" | "base64";
  open(): AsyncIterable<Buffer>;
}

/** A body without its content coding. */
export interface Content {
  /** Absent when there is nothing to write; `missing` says why. */
  readonly bytes?: Buffer | ContentStream;
  /** Decoded bytes of the whole content, where `bytes` is not it. */
  readonly size?: number;
  /** A sentence: why there are no bytes although there was a body. */
  readonly missing?: string;
  /** A sentence: why `bytes` are not all, or not decoded. Parts of a body are never silent. */
  readonly partial?: string;
  /** The bytes are UTF-8 whatever charset the headers name (Body.decoded). */
  readonly utf8?: boolean;
  /** `[milliseconds since the start, decoded bytes]`, for the times of server-sent events. */
  readonly chunks?: readonly (readonly [ms: number, bytes: number])[];
}

export const NO_CONTENT: Content = { bytes: Buffer.alloc(0) };

/**
 * Text when it is UTF-8, else base64 of the bytes themselves, whatever their charset: replaying a HAR sends `text` as
 * UTF-8 beside a header that names another charset, and DevTools decodes base64 by the charset of the MIME type.
 */
export function contentForm(bytes: Buffer, contentType: string, utf8 = false): ContentStream["form"] {
  if (!isUtf8(bytes)) return "base64";
  if (utf8) return "text";
  const decoded = decodeText(bytes, contentType);
  // Comparing costs as much as decoding, and of UTF-8 the outcome is known (but for the mark that decoding takes off).
  if (decoded?.charset === "utf-8" && bytes[0] !== BYTE_ORDER_MARK) return "text";
  return decoded?.text === bytes.toString("utf8") ? "text" : "base64";
}

/** The first byte of UTF-8's. */
const BYTE_ORDER_MARK = 0xef;

/** Decoded bytes that are written, or undefined where that is not known. */
export function contentSize(content: Content): number | undefined {
  if (content.size !== undefined) return content.size;
  if (content.bytes === undefined || content.partial !== undefined) return undefined;
  return Buffer.isBuffer(content.bytes) ? content.bytes.length : content.bytes.size;
}

/** @returns the sentences as one comment, or nothing. */
export function commentOf(...sentences: (string | undefined)[]): { comment?: string } {
  const said = sentences.filter((sentence) => sentence !== undefined && sentence !== "");
  return said.length === 0 ? {} : { comment: said.join("; ") };
}
