// A recorded response as the answer that a client gets: its bytes as they came, at the pace that was chosen.
import type { Exchange, HttpResponse } from "../../exchange/exchange.js";
import { headerValue, isStreamingType, mediaType } from "../../exchange/headers.js";
import type { SyntheticResponse } from "../../proxy/intervention.js";
import { cutsOf, hasPlainEvents } from "./body-cuts.js";
import { once, type Pace, pacedPieces } from "./pace.js";
import type { Recorded } from "./recorded.js";
import { responseHeaders } from "./response-headers.js";

/** Bodies up to this size are held; others are read as the client takes them. */
const HELD_BYTES = 256 * 1024;
/** A stream of events up to this size is held, so that it can be cut into its events. */
const HELD_EVENTS = 8 * 1024 * 1024;

/**
 * @param method of the request: nothing but HEAD gets the length of a body that does not come
 * @param signal aborted when nobody waits for the answer any more
 * @throws SESSION_DAMAGED
 */
export async function recordedAnswer(
  recorded: Recorded,
  response: HttpResponse,
  { method, pace, signal }: { readonly method: string; readonly pace: Pace; readonly signal: AbortSignal },
): Promise<SyntheticResponse> {
  const head = {
    kind: "respond",
    status: response.status,
    reason: response.reason,
    headers: responseHeaders(response),
    ...(response.trailers === undefined ? {} : { trailers: response.trailers }),
  } as const;
  if (method === "HEAD") return { ...head, body: nothing(), ...lengthNamed(response) };
  const { body } = response;
  if (body.chunks !== undefined || isStreamingType(mediaType(response.headers)))
    return { ...head, body: await streamed(recorded, response, pace, signal) };
  const size = storedSize(response);
  if (isCut(response)) return { ...head, body: cut(lazily(() => recorded.openBody(body))) };
  if (size <= HELD_BYTES) return { ...head, body: await recorded.storedBody(body, HELD_BYTES) };
  return { ...head, body: lazily(() => recorded.openBody(body)), length: size };
}

async function streamed(
  recorded: Recorded,
  response: HttpResponse,
  pace: Pace,
  signal: AbortSignal,
): Promise<AsyncIterable<Buffer>> {
  const { exchange } = recorded;
  const { body } = response;
  const isHeld = hasPlainEvents(response) && storedSize(response) <= HELD_EVENTS;
  const content = isHeld ? await recorded.storedBody(body, HELD_EVENTS) : undefined;
  const cuts = cutsOf(exchange, response, pace, content);
  const source = content === undefined ? lazily(() => recorded.openBody(body)) : once(content);
  const pieces = pacedPieces(source, cuts, signal);
  return isCut(response) ? cut(pieces) : pieces;
}

/** The origin did not send all of it: its client gets no more now. One that left early itself gets what there is. */
function isCut({ body }: HttpResponse): boolean {
  return body.truncated === "origin-closed" || body.truncated === "aborted";
}

/** Ends as visibly as it did. */
async function* cut(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  yield* body;
  throw new Error("the recorded response was cut off here");
}

/** Bytes that are there, which truncation may have made fewer than passed. */
function storedSize({ body }: HttpResponse): number {
  switch (body.kind) {
    case "text":
      return Buffer.byteLength(body.text);
    case "base64":
      return Buffer.byteLength(body.base64, "base64");
    case "file":
      return body.stored;
    default:
      return 0;
  }
}

function lengthNamed({ headers }: HttpResponse): { readonly length?: number } {
  const length = headerValue(headers, "content-length");
  return length !== undefined && /^\d{1,15}$/.test(length) ? { length: Number(length) } : {};
}

async function* nothing(): AsyncGenerator<Buffer, void, void> {}

/** Opens the source when its first byte is wanted. */
async function* lazily(open: () => Promise<AsyncIterable<Buffer>>): AsyncGenerator<Buffer, void, void> {
  yield* await open();
}

/** Of the exchange, where it has one. */
export function responseOf(exchange: Exchange): HttpResponse | undefined {
  return exchange.kind === "tunnel" ? undefined : exchange.response;
}
