// The body of an imported entry, from the bytes that a HAR has of it to the Body of a session.
import { isUtf8 } from "node:buffer";
import { type Body, EMPTY_BODY, type Truncation } from "../exchange/body.js";

interface AttachedFile {
  readonly file: string;
}

export interface ImportedBody {
  /**
   * Its bytes, or the name of the attached file that holds them, or a function that yields them (at once: they are gone
   * when the next part of the HAR is read), or null where the HAR has none.
   */
  readonly data: Buffer | AttachedFile | (() => Iterable<Buffer>) | null;
  /** Bytes on the wire, or undefined where the HAR does not say. */
  readonly size: number | undefined;
  readonly truncated?: Truncation;
  /** What the bytes lack beside the headers (Body.decoded). */
  readonly decoded?: "content" | "text";
  readonly chunks?: readonly (readonly [ms: number, bytes: number])[];
}

export const NO_BODY: ImportedBody = { data: null, size: 0 };

/**
 * @param stored the body as it was kept (BodyWriter.end, or `inlineBody`).
 * @returns the body with what only the HAR knows: its size on the wire, whether it is decoded.
 */
export function importedBody(imported: ImportedBody, stored: Body): Body {
  const size = imported.size ?? stored.size;
  const truncated = stored.truncated ?? imported.truncated;
  const why = truncated === undefined ? {} : { truncated };
  if (imported.data === null)
    return size === 0 ? { ...EMPTY_BODY, ...why } : { kind: "omitted", size, ...why };
  // Another number of bytes than passed, and nothing that tells why: they cannot be those of the wire.
  const decoded =
    imported.decoded ?? (size === stored.size || truncated !== undefined ? undefined : "content");
  return {
    ...stored,
    size,
    ...why,
    ...(decoded === undefined ? {} : { decoded }),
    ...(imported.chunks === undefined ? {} : { chunks: imported.chunks }),
  };
}

/** A body that stays in memory, for reading a HAR without a session. */
export function inlineBody(bytes: Buffer): Body {
  const size = bytes.length;
  if (size === 0) return EMPTY_BODY;
  if (isUtf8(bytes)) return { kind: "text", size, text: bytes.toString("utf8") };
  return { kind: "base64", size, base64: bytes.toString("base64") };
}
