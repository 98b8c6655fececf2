// An HTTPie command line (https://httpie.io/docs/cli) that sends a recorded request again.
import { hasHeader, ownHeaders, plainText, type SnippetRequest } from "./request.js";
import { shellQuote, shellQuoteBytes } from "./shell.js";

const ARGUMENT_LIMIT = 100_000;

/** @param bodyCommand as for curlCommand. */
export function httpieCommand(request: SnippetRequest, bodyCommand: string): string {
  const options = ["--ignore-stdin"];
  let from: string | undefined;
  if (request.body.length > 0) {
    const text = request.body.length > ARGUMENT_LIMIT ? undefined : plainText(request.body);
    if (text !== undefined) options.push(`--raw ${shellQuote(text)}`);
    else {
      options.pop();
      from =
        request.body.length > ARGUMENT_LIMIT
          ? bodyCommand
          : `printf %s ${shellQuote(request.body.toString("base64"))} | base64 -d`;
    }
  }
  if (/\/\.\.?(?:[/?]|$)/.test(request.target)) options.push("--path-as-is");
  const items = ownHeaders(request).map(([name, value]) =>
    shellQuoteBytes(value === "" ? `${name};` : `${name}:${value}`),
  );
  // An item without a value takes a header away that HTTPie would add.
  for (const name of ["User-Agent", "Accept", "Accept-Encoding"]) {
    if (!hasHeader(request, name)) items.push(`${name}:`);
  }
  if (request.body.length > 0 && !hasHeader(request, "Content-Type")) items.push("Content-Type:");
  const head = ["http", ...options, shellQuote(request.method), shellQuote(request.url)].join(" ");
  const command = [head, ...items].join(" \\\n  ");
  return from === undefined ? command : `${from} | ${command}`;
}
