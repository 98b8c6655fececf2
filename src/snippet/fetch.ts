// JavaScript with `fetch` that sends a recorded request again, in Node and in a browser's console.
import { ownHeaders, plainText, type SnippetRequest } from "./request.js";

export function fetchCode(request: SnippetRequest): string {
  const lines = [`const response = await fetch(${JSON.stringify(request.url)}, {`];
  lines.push(`  method: ${JSON.stringify(request.method)},`, `  redirect: "manual",`);
  const headers = ownHeaders(request).filter(([name]) => !SET_BY_FETCH.has(name.toLowerCase()));
  if (headers.length > 0) {
    lines.push("  headers: [");
    for (const [name, value] of headers) {
      lines.push(`    [${JSON.stringify(name)}, ${JSON.stringify(value)}],`);
    }
    lines.push("  ],");
  }
  if (request.body.length > 0) lines.push(`  body: ${bodyExpression(request.body)},`);
  lines.push("});", "console.log(response.status, await response.text());");
  return lines.join("\n");
}

/** fetch refuses them or writes its own (Fetch, "forbidden request-header"). */
const SET_BY_FETCH = new Set(["host", "transfer-encoding", "expect", "te", "trailer"]);

function bodyExpression(body: Buffer): string {
  const text = plainText(body);
  if (text !== undefined) return JSON.stringify(text);
  return `Uint8Array.from(atob(${JSON.stringify(body.toString("base64"))}), (c) => c.charCodeAt(0))`;
}
