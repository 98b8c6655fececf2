// A recorded request as a command line or as code that sends it again.
import { TrafficError } from "../errors.js";
import { curlCommand } from "../snippet/curl.js";
import { fetchCode } from "../snippet/fetch.js";
import { httpieCommand } from "../snippet/httpie.js";
import { pythonCode } from "../snippet/python.js";
import type { SnippetRequest } from "../snippet/request.js";
import { shellQuote } from "../snippet/shell.js";
import { type ShowInput, withExchange } from "./show.js";

export type SnippetKind = "curl" | "httpie" | "fetch" | "python";

export interface Snippet {
  readonly text: string;
  /** Sentences: in what it differs from what was sent. */
  readonly warnings: readonly string[];
}

/** Code holds the body in a literal; beyond this it would be no code that anybody reads. */
const CODE_BODY_LIMIT = 16 * 1024 * 1024;

/** @throws EXCHANGE_NOT_FOUND, BODY_UNREADABLE, and what `query` throws. */
export async function snippet(input: ShowInput & { readonly kind: SnippetKind }): Promise<Snippet> {
  return await withExchange(input, async (selected) => {
    const exchange = await selected.exchange();
    const { request } = exchange;
    if (exchange.kind === "tunnel") {
      throw new TrafficError(
        "BODY_UNREADABLE",
        `exchange ${exchange.seq} is a tunnel: there is no request to send`,
      );
    }
    const isCode = input.kind === "fetch" || input.kind === "python";
    if (isCode && request.body.size > CODE_BODY_LIMIT) {
      throw new TrafficError(
        "BODY_UNREADABLE",
        `the body has ${request.body.size} bytes, too many for code`,
        {
          hint: "--curl reads it from `trafficctl show --request --body --encoded`",
        },
      );
    }
    const warnings: string[] = [];
    if (request.body.kind === "omitted") warnings.push("the body was not kept, and is missing here");
    if (request.body.truncated !== undefined) {
      warnings.push(`the body was cut off when it was recorded (${request.body.truncated})`);
    }
    const body = await selected.storedBody(request.body, CODE_BODY_LIMIT);
    return { text: render(input, { ...request, body }, exchange.id), warnings };
  });
}

function render(
  input: ShowInput & { readonly kind: SnippetKind },
  request: SnippetRequest,
  id: string,
): string {
  const bodyCommand = `trafficctl show ${shellQuote(input.session)} ${id} --request --body --encoded`;
  switch (input.kind) {
    case "curl":
      return curlCommand(request, bodyCommand);
    case "httpie":
      return httpieCommand(request, bodyCommand);
    case "fetch":
      return fetchCode(request);
    case "python":
      return pythonCode(request);
  }
}
