// A curl command line that sends a recorded request again, byte for byte where curl can.
import { hasHeader, ownHeaders, plainText, type SnippetRequest } from "./request.js";
import { shellQuote, shellQuoteBytes } from "./shell.js";

/** Linux takes at most 128 KB in one argument (MAX_ARG_STRLEN). */
const ARGUMENT_LIMIT = 100_000;

/** @param bodyCommand a command that writes the body to its stdout, for bodies too large for a command line. */
export function curlCommand(request: SnippetRequest, bodyCommand: string): string {
  const parts: string[] = [];
  if (request.method === "HEAD") parts.push("--head");
  else if (request.method !== (request.body.length > 0 ? "POST" : "GET"))
    parts.push(`-X ${shellQuote(request.method)}`);
  parts.push(...versionFlags(request), ...targetFlags(request), ...headerFlags(request));
  const body = bodyOf(request, bodyCommand);
  if (body.flag !== undefined) parts.push(body.flag);
  const command = [`curl ${shellQuote(request.url)}`, ...parts].join(" \\\n  ");
  return body.from === undefined ? command : `${body.from} | ${command}`;
}

function versionFlags({ httpVersion }: SnippetRequest): string[] {
  if (httpVersion === "HTTP/2.0") return ["--http2"];
  return httpVersion === "HTTP/1.0" ? ["--http1.0"] : ["--http1.1"];
}

/** curl would squash `/../` and expand `[1-3]` and `{a,b}`, and knows only path targets by itself. */
function targetFlags({ url, target }: SnippetRequest): string[] {
  const flags: string[] = [];
  if (/[[\]{}]/.test(url)) flags.push("--globoff");
  if (/\/\.\.?(?:[/?]|$)/.test(target)) flags.push("--path-as-is");
  if (target === "*") flags.push("--request-target '*'");
  return flags;
}

function headerFlags(request: SnippetRequest): string[] {
  const flags = ownHeaders(request).map(([name, value]) => {
    // An empty value needs curl's semicolon form.
    return `-H ${shellQuoteBytes(value === "" ? `${name};` : `${name}: ${value}`)}`;
  });
  // What curl would add by itself and the client did not send.
  const additions = ["User-Agent", "Accept"];
  if (request.body.length > 0) additions.push("Content-Type", "Expect");
  for (const name of additions) if (!hasHeader(request, name)) flags.push(`-H '${name}:'`);
  if (hasHeader(request, "accept-encoding")) flags.push("--compressed");
  return flags;
}

function bodyOf(request: SnippetRequest, bodyCommand: string): { flag?: string; from?: string } {
  if (request.body.length === 0) return {};
  if (request.body.length > ARGUMENT_LIMIT) return { flag: "--data-binary @-", from: bodyCommand };
  const text = plainText(request.body);
  if (text !== undefined) return { flag: `--data-raw ${shellQuote(text)}` };
  return {
    flag: "--data-binary @-",
    from: `printf %s ${shellQuote(request.body.toString("base64"))} | base64 -d`,
  };
}
