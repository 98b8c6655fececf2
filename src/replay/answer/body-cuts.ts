// Where a recorded body is cut into pieces, and when each goes: events of a stream, or the pieces that came.
import { parseEvents } from "../../content/events.js";
import type { Exchange, HttpResponse } from "../../exchange/exchange.js";
import { mediaType } from "../../exchange/headers.js";
import { hasCoding } from "../../session/index/body-flags.js";
import type { Cut, Pace } from "./pace.js";

/** Milliseconds from the start of an exchange to its response's head. */
export function headAfter({ timings }: Exchange): number {
  const { blocked, dns, connect, send, wait } = timings;
  return [blocked, dns, connect, send, wait].reduce((sum, phase) => sum + Math.max(phase, 0), 0);
}

/** Whether the times of events can be told from the bytes: they are not compressed. */
export function hasPlainEvents({ body, headers }: HttpResponse): boolean {
  return mediaType(headers) === "text/event-stream" && !hasCoding(body, headers);
}

/** @param content of a stream of events, where it is held; then each event is a piece of its own */
export function cutsOf(
  exchange: Exchange,
  { body }: HttpResponse,
  pace: Pace,
  content: Buffer | undefined,
): Cut[] {
  const { chunks = [] } = body;
  if (pace === "recorded") {
    const head = headAfter(exchange);
    return cumulated(chunks.map(([ms, bytes]) => ({ ms: Math.max(ms - head, 0), bytes })));
  }
  const step = pace === "none" ? 0 : pace;
  if (content !== undefined) return parseEvents(content).map(({ end }, at) => ({ end, ms: at * step }));
  return cumulated(chunks.map(([, bytes], at) => ({ ms: at * step, bytes })));
}

function cumulated(pieces: readonly { readonly ms: number; readonly bytes: number }[]): Cut[] {
  let end = 0;
  return pieces.map(({ ms, bytes }) => {
    end += bytes;
    return { end, ms };
  });
}
