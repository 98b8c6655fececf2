// The bodies of a selected exchange as an export wants them: decoded, cut where that was asked for, redacted. What is
// small is held; what is large streams.
import { isUtf8 } from "node:buffer";
import { declaredCharset } from "../../content/charset-declared.js";
import { type ContentDecoder, createContentDecoder, decodeContent } from "../../content/decode.js";
import { decodedChunks } from "../../content/decoded-chunks.js";
import { parseMediaType } from "../../content/media-type.js";
import { encodeText, isTextType } from "../../content/text.js";
import type { Body } from "../../exchange/body.js";
import { headerValue, mediaType, type RawHeaders } from "../../exchange/headers.js";
import type { Content } from "../../har/content.js";
import { hasCoding } from "../../session/index/body-flags.js";
import type { Selected } from "../query.js";
import type { ContentPlace, Redaction } from "../redaction.js";
import { redactedPieces } from "./redacted-pieces.js";

export interface ContentOptions {
  /** False leaves every body out. */
  readonly bodies: boolean;
  /** Decoded bytes to keep of each. */
  readonly maxBody: number | undefined;
  readonly redaction: Redaction | undefined;
}

/** One side of an exchange. */
export interface Message {
  readonly body: Body;
  readonly headers: RawHeaders;
}

/** Contents up to this many decoded bytes are held in memory. With 8 MB, an export of 2 GB took 40 MB more. */
const HELD_LIMIT = 4 * 1024 * 1024;

/** @throws SESSION_DAMAGED where the body's file is missing or damaged. */
export async function contentOf(
  selected: Selected,
  { body, headers }: Message,
  place: ContentPlace,
  options: ContentOptions,
): Promise<Content> {
  if (body.kind === "empty") return { bytes: Buffer.alloc(0) };
  if (body.kind === "omitted") return { missing: "the body was not recorded" };
  if (!options.bodies) return { missing: "left out by --no-bodies" };
  const { redaction, maxBody = Number.POSITIVE_INFINITY } = options;
  const { bytes: held, problem, beyond } = await heldContent(selected, { body, headers });
  if (beyond && maxBody > HELD_LIMIT) return await streamed(selected, { body, headers }, place, options);
  const ownBytes = body.decoded === "text" ? inItsCharset(held, headers) : null;
  const bytes = ownBytes ?? held;
  const chunks = await chunksOf(selected, { body, headers });
  const clean = redaction?.content(bytes, place, chunks) ?? { bytes, ...(chunks && { chunks }) };
  // Only now: what is cut in the middle of a secret does not look like one.
  const isCut = beyond || clean.bytes.length > maxBody;
  const kept = isCut ? wholeCharacters(clean.bytes.subarray(0, maxBody)) : clean.bytes;
  const partial = partialText(problem, isCut ? kept.length : undefined);
  return {
    bytes: kept,
    ...sizeOf(body, headers, beyond ? undefined : bytes.length, isCut ? undefined : kept.length),
    ...(partial === "" ? {} : { partial }),
    ...(clean.utf8 === true || (body.decoded === "text" && ownBytes === null) ? { utf8: true } : {}),
    ...(clean.chunks === undefined ? {} : { chunks: clean.chunks }),
  };
}

/**
 * An imported text is UTF-8 whatever charset its headers name. A replay sends those headers: it needs the bytes that they
 * speak of.
 */
function inItsCharset(bytes: Buffer, headers: RawHeaders): Buffer | null {
  const charset = declaredCharset(bytes, parseMediaType(headerValue(headers, "content-type") ?? ""));
  return charset === undefined ? null : encodeText(bytes.toString("utf8"), charset);
}

/** Sizes stay those of what was sent, also in a session that `redact` made: without a coding, the wire has them. */
function sizeOf(
  body: Body,
  headers: RawHeaders,
  decoded: number | undefined,
  written: number | undefined,
): { readonly size?: number } {
  const isPlain = headerValue(headers, "content-encoding") === undefined && body.truncated === undefined;
  const size = isPlain && body.decoded === undefined ? body.size : decoded;
  return size === undefined || size === written ? {} : { size };
}

interface HeldContent {
  readonly bytes: Buffer;
  readonly codings: readonly string[];
  /** A sentence: why they are not the whole content, though all that was recorded was looked at. */
  readonly problem?: string;
  /** There is more than HELD_LIMIT of it, as stored or as decoded. */
  readonly beyond: boolean;
}

/** The decoded content, or its beginning where it is larger than what is held. */
export async function heldContent(selected: Selected, { body, headers }: Message): Promise<HeldContent> {
  const stored = await selected.storedBody(body, HELD_LIMIT);
  const isLarge = body.kind === "file" && body.stored > HELD_LIMIT;
  const coded = hasCoding(body, headers) ? headers : [];
  const { bytes, codings, problem, limited } = await decodeContent(stored, coded, { limit: HELD_LIMIT });
  const beyond = isLarge || limited === true;
  return { bytes, codings, beyond, ...(problem === undefined || beyond ? {} : { problem }) };
}

function partialText(problem: string | undefined, cutTo: number | undefined): string {
  const cut = cutTo === undefined ? undefined : `cut to ${cutTo} bytes by --max-body`;
  return [problem, cut].filter((sentence) => sentence !== undefined).join("; ");
}

/** The pieces in which the content came, in decoded bytes. */
export async function chunksOf(selected: Selected, { body, headers }: Message): Promise<Body["chunks"]> {
  const { chunks } = body;
  if (chunks === undefined) return undefined;
  if (body.decoded !== undefined) return chunks;
  return await decodedChunks(await selected.storedBody(body, HELD_LIMIT), headers, chunks);
}

/** The decoded content, however large. */
export async function contentStream(
  selected: Selected,
  { body, headers }: Message,
  limit = Number.POSITIVE_INFINITY,
): Promise<ContentDecoder> {
  const decoder = createContentDecoder(hasCoding(body, headers) ? headers : [], { limit });
  const stored = await selected.openBody(body);
  stored.on("error", (error) => decoder.destroy(error));
  return stored.pipe(decoder);
}

/** Reads it once for its size and whether it is text, and again when it is written. */
async function streamed(
  selected: Selected,
  message: Message,
  place: ContentPlace,
  { maxBody, redaction }: ContentOptions,
): Promise<Content> {
  const { body, headers } = message;
  const open = (): Promise<ContentDecoder> => contentStream(selected, message, maxBody);
  const bytes = await open();
  const mayBeText = isTextType(mediaType(headers)) || mediaType(headers) === "";
  let size = 0;
  let isText = mayBeText;
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of bytes) {
    size += piece.length;
    if (!isText) continue;
    const whole = Buffer.concat([rest, piece]);
    const end = characterEnd(whole);
    isText = isUtf8(whole.subarray(0, end));
    rest = whole.subarray(end);
  }
  const form = isText && rest.length === 0 ? "text" : "base64";
  const { problem, limited } = bytes.outcome;
  const partial = partialText(problem, limited === true ? size : undefined);
  return {
    bytes: {
      size,
      form,
      open: async function* () {
        const again = await open();
        if (redaction === undefined) yield* again;
        else yield* redactedPieces(again, place, redaction, form === "text");
      },
    },
    ...sizeOf(body, headers, partial === "" ? size : undefined, size),
    ...(partial === "" ? {} : { partial }),
  };
}

/** Without the beginning of a UTF-8 character whose rest was cut off. */
function wholeCharacters(bytes: Buffer): Buffer {
  const end = characterEnd(bytes);
  return isUtf8(bytes.subarray(0, end)) ? bytes.subarray(0, end) : bytes;
}

/** Where the last whole UTF-8 character ends. */
export function characterEnd(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return bytes.length;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
