// Python that sends a recorded request again: `http.client`, which every Python has, and which writes headers in their
// order and case, duplicates too. `requests` would merge and add some.
import { hasHeader, ownHeaders, type SnippetRequest } from "./request.js";

export function pythonCode(request: SnippetRequest): string {
  const url = new URL(request.url);
  const isTls = url.protocol === "https:" || url.protocol === "wss:";
  const connection = isTls ? "HTTPSConnection" : "HTTPConnection";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port === "" ? "" : `, ${url.port}`;
  const target = request.target.startsWith("/") ? request.target : `${url.pathname}${url.search}`;
  const hasHost = ownHeaders(request).some(([name]) => name.toLowerCase() === "host");
  const lines = ["import http.client", ""];
  lines.push(`connection = http.client.${connection}(${python(host)}${port})`);
  const skips = [
    ...(hasHost ? ["skip_host=True"] : []),
    "skip_accept_encoding=True", // otherwise it adds one
  ].join(", ");
  lines.push(`connection.putrequest(${python(request.method)}, ${python(target)}, ${skips})`);
  for (const [name, value] of ownHeaders(request)) {
    if (name.toLowerCase() === "transfer-encoding") continue;
    lines.push(`connection.putheader(${python(name)}, ${python(value)})`);
  }
  const { body } = request;
  if (body.length > 0) lines.push(`body = ${pythonBytes(body)}`);
  if (body.length > 0 || hasHeader(request, "content-length")) {
    lines.push(`connection.putheader("Content-Length", ${body.length > 0 ? "str(len(body))" : '"0"'})`);
  }
  lines.push(`connection.endheaders(${body.length > 0 ? "body" : ""})`);
  lines.push("response = connection.getresponse()", "print(response.status, response.read())");
  return lines.join("\n");
}

/** A string literal; http.client encodes it as latin-1, as the value was recorded. */
function python(text: string): string {
  // JSON's escapes are Python's too, but for `\/`, which JSON.stringify never writes.
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (c) => {
    const code = c.charCodeAt(0);
    return code < 256
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

function pythonBytes(bytes: Buffer): string {
  let text = "";
  for (const byte of bytes) {
    if (byte === 0x0a) text += "\\n";
    else if (byte === 0x22 || byte === 0x5c) text += `\\${String.fromCharCode(byte)}`;
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return `b"${text}"`;
}
