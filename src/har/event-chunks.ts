// The times of imported server-sent events, as those of the pieces of their body.
import { parseEvents } from "../content/events.js";
import { asObject } from "./repairs.js";

/**
 * @param content of the response, decoded.
 * @param events `_eventSourceMessages`, whose times the pieces of the body get.
 * @returns undefined where the two do not belong together.
 */
export function chunksOfEvents(
  content: Buffer,
  events: unknown,
  startedAt: string,
): (readonly [ms: number, bytes: number])[] | undefined {
  if (!Array.isArray(events)) return undefined;
  const parsed = parseEvents(content);
  const whole = parsed.filter(({ incomplete }) => incomplete !== true);
  if (whole.length !== events.length || whole.length === 0) return undefined;
  const start = Date.parse(startedAt);
  const chunks: (readonly [number, number])[] = [];
  let from = 0;
  for (const [index, { end }] of whole.entries()) {
    const time: unknown = asObject(events[index])?.time;
    if (typeof time !== "number" || !Number.isFinite(time)) return undefined;
    const ms = Math.round((time > 1e11 ? time : time * 1000) - start);
    chunks.push([ms, index === whole.length - 1 ? content.length - from : end - from]);
    from = end;
  }
  return chunks;
}
