// Writes HTTP/1 heads from their parts, for messages that were changed or came over another protocol.
import type { RawHeaders } from "../../exchange/headers.js";
import type { OutgoingRequest, OutgoingResponse } from "../ends.js";

/** Latin-1 on purpose: each character of a header value is one byte as it came. */
export function serialiseRequestHead(head: Pick<OutgoingRequest, "method" | "target" | "headers">): Buffer {
  return serialise(`${head.method} ${head.target} HTTP/1.1\r\n`, head.headers);
}

export function serialiseResponseHead(head: Pick<OutgoingResponse, "status" | "reason" | "headers">): Buffer {
  return serialise(`HTTP/1.1 ${head.status} ${head.reason}\r\n`, head.headers);
}

export function serialiseTrailers(trailers: RawHeaders): string {
  let text = "";
  for (const [name, value] of trailers) text += `${name}: ${value}\r\n`;
  return text;
}

function serialise(startLine: string, headers: RawHeaders): Buffer {
  return Buffer.from(`${startLine}${serialiseTrailers(headers)}\r\n`, "latin1");
}
