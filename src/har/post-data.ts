// What a request sent: its text, and the fields of a form in it.
import { isUtf8 } from "node:buffer";
import { parseMediaType } from "../content/media-type.js";
import { parseMultipart } from "../content/multipart.js";
import { parseForm } from "../content/query.js";
import type { HttpRequest } from "../exchange/exchange.js";
import { headerValue } from "../exchange/headers.js";
import { type Content, commentOf } from "./content.js";
import type { EntryStreams } from "./entry-stream.js";
import { textOfHeader } from "./header-text.js";
import { truncationText } from "./truncation-text.js";
import type { HarParam, HarPostData } from "./types.js";

/**
 * @returns undefined for a request without a body. `text` is always there: DevTools shows "undefined" for none, and
 * routeFromHAR compares it.
 */
export function postData(
  request: HttpRequest,
  content: Content,
  streams: EntryStreams,
): HarPostData | undefined {
  const { bytes, utf8 } = content;
  const isEmpty = Buffer.isBuffer(bytes) ? bytes.length === 0 : bytes === undefined;
  if (isEmpty && request.body.size === 0) return undefined;
  const contentType = headerValue(request.headers, "content-type") ?? "";
  const mimeType = textOfHeader(contentType);
  const comment = commentOf(truncationText(request.body), content.partial, content.missing);
  if (bytes === undefined) return { mimeType, text: "", ...comment };
  const text = streams.textOf(bytes, contentType, utf8);
  const params = Buffer.isBuffer(bytes) ? formParams(bytes, contentType) : undefined;
  return { mimeType, ...text, ...(params === undefined ? {} : { params }), ...comment };
}

function formParams(bytes: Buffer, contentType: string): HarParam[] | undefined {
  const { essence } = parseMediaType(contentType);
  if (essence === "application/x-www-form-urlencoded") {
    const text = bytes.toString(isUtf8(bytes) ? "utf8" : "latin1");
    return parseForm(text).map(({ name, value }) => ({ name, value }));
  }
  if (essence !== "multipart/form-data") return undefined;
  return parseMultipart(bytes, contentType).parts.map((part) => {
    const value = bytes.subarray(part.start, part.end);
    // The bytes of a file are in `text`; here they would stand a second time.
    if (part.filename !== undefined) {
      const type = part.contentType === "" ? {} : { contentType: part.contentType };
      return { name: part.name ?? "", fileName: part.filename, ...type };
    }
    return { name: part.name ?? "", value: value.toString("utf8") };
  });
}
