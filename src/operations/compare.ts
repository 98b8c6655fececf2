// A response that is to be compared: its decoded content where it is not too large, its bytes' hash where it is.
import { createHash } from "node:crypto";
import { decodeContent } from "../content/decode.js";
import type { Body } from "../exchange/body.js";
import type { Exchange, HttpResponse } from "../exchange/exchange.js";
import type { ComparedBody, ComparedResponse } from "../replay/compare/responses.js";
import type { Sent } from "../replay/send/sender.js";
import type { Selected } from "./query.js";

/** Stored bytes of a body that are looked into; of larger ones the hashes are compared. */
export const COMPARED_BYTES = 4 * 1024 * 1024;
const DECODED_BYTES = 16 * 1024 * 1024;

/** @throws SESSION_DAMAGED */
export async function recordedResponse(selected: Selected): Promise<ComparedResponse> {
  const exchange = await selected.exchange();
  const response = responseOf(exchange);
  if (response === undefined) return sideOf(exchange, undefined, NO_BODY);
  return sideOf(exchange, response, await recordedBody(selected, response));
}

/** @param sent with its response's body kept, up to COMPARED_BYTES */
export async function sentResponse({ exchange, received }: Sent): Promise<ComparedResponse> {
  const response = responseOf(exchange);
  if (response === undefined || received === null) return sideOf(exchange, undefined, NO_BODY);
  const { bytes, size, sha256 } = received;
  const isWhole = response.body.truncated === undefined;
  const content = bytes === null || !isWhole ? null : await decoded(bytes, response);
  return sideOf(exchange, response, { content, sha256: isWhole ? sha256 : null, size });
}

const NO_BODY: ComparedBody = {
  content: Buffer.alloc(0),
  sha256: createHash("sha256").digest("hex"),
  size: 0,
};

function responseOf(exchange: Exchange): HttpResponse | undefined {
  return exchange.kind === "tunnel" ? undefined : exchange.response;
}

function sideOf(
  { error, duration }: Exchange,
  response: HttpResponse | undefined,
  body: ComparedBody,
): ComparedResponse {
  return {
    status: response?.status ?? null,
    error: error?.code ?? null,
    headers: response?.headers ?? [],
    body,
    duration,
  };
}

async function recordedBody(selected: Selected, response: HttpResponse): Promise<ComparedBody> {
  const { body } = response;
  const { size } = body;
  if (body.truncated !== undefined || (body.kind === "omitted" && size > 0)) {
    return { content: null, sha256: null, size };
  }
  if (body.kind === "file" && body.stored > COMPARED_BYTES) {
    return { content: null, sha256: await hashOf(selected, body), size };
  }
  const bytes = await selected.storedBody(body, Number.POSITIVE_INFINITY);
  // What was imported is stored decoded: its bytes are not those of the wire.
  if (body.decoded !== undefined) return { content: bytes, sha256: null, size };
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { content: await decoded(bytes, response), sha256, size };
}

async function hashOf(selected: Selected, body: Body): Promise<string | null> {
  if (body.decoded !== undefined) return null;
  const hash = createHash("sha256");
  for await (const chunk of await selected.openBody(body)) {
    if (Buffer.isBuffer(chunk)) hash.update(chunk);
  }
  return hash.digest("hex");
}

async function decoded(bytes: Buffer, { headers }: HttpResponse): Promise<Buffer | null> {
  const { bytes: content, limited } = await decodeContent(bytes, headers, { limit: DECODED_BYTES });
  return limited === true ? null : content;
}
