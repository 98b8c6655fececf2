// A body that was held, as those see it who look at it: filters as bytes, templates as text.
import { decodeContent } from "../content/decode.js";
import { decodeText } from "../content/text.js";
import { headerValue, type RawHeaders } from "../exchange/headers.js";
import { BODY_LIMIT } from "./limits.js";

/** As filters take it: decoded (as sent where that fails), one character a byte. */
export async function contentOf(body: Buffer, headers: RawHeaders): Promise<string> {
  if (body.length === 0) return "";
  return (await decodeContent(body, headers, { limit: BODY_LIMIT })).bytes.toString("latin1");
}

/** undefined for what is no text, or can't be decoded. */
export async function textOf(body: Buffer, headers: RawHeaders): Promise<string | undefined> {
  const { bytes, problem, limited } = await decodeContent(body, headers, { limit: BODY_LIMIT });
  if (problem !== undefined || limited) return undefined;
  return decodeText(bytes, headerValue(headers, "content-type") ?? "")?.text;
}
