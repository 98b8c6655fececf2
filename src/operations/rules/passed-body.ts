// A recorded body as it passed: what rules saw, or would have seen, on the wire.
import { contentCodings } from "../../content/codings.js";
import { encodeContent } from "../../content/encode.js";
import { parseMediaType } from "../../content/media-type.js";
import { encodeText } from "../../content/text.js";
import { TrafficError } from "../../errors.js";
import type { Body } from "../../exchange/body.js";
import { headerValue, type RawHeaders } from "../../exchange/headers.js";
import { BODY_LIMIT } from "../../rules/limits.js";
import type { Selected } from "../query.js";

/** @returns undefined where it is not there as a whole, or was too large to be held: rules saw none, or can't be told */
export async function passedBody(
  selected: Selected,
  body: Body,
  headers: RawHeaders,
): Promise<Buffer | undefined> {
  if (body.kind === "empty") return Buffer.alloc(0);
  if (body.kind === "omitted") return body.size === 0 ? Buffer.alloc(0) : undefined;
  if (body.truncated === "max-body" || body.truncated === "disk") return undefined;
  const stored = body.kind === "file" ? body.stored : 0;
  if (stored > BODY_LIMIT || (body.decoded === undefined && body.size > BODY_LIMIT)) return undefined;
  const bytes = await selected.storedBody(body, BODY_LIMIT);
  return body.decoded === undefined ? bytes : await coded(bytes, body.decoded, headers);
}

/** With its charset and its content coding again. They need not give the very bytes that passed, but the same content. */
async function coded(
  bytes: Buffer,
  lacks: NonNullable<Body["decoded"]>,
  headers: RawHeaders,
): Promise<Buffer | undefined> {
  const charset = parseMediaType(headerValue(headers, "content-type") ?? "").parameters.get("charset");
  const text =
    lacks === "text" && charset !== undefined ? encodeText(bytes.toString("utf8"), charset) : bytes;
  return await encodeContent(text ?? bytes, contentCodings(headers)).catch((error: unknown) => {
    if (error instanceof TrafficError) return undefined;
    throw error;
  });
}
