// The messages of a WebSocket for an export, redacted in windows of bounded size.
import { isUtf8 } from "node:buffer";
import type { MessageSource } from "../../har/entry-messages.js";
import type { Selected } from "../query.js";
import type { Redaction } from "../redaction.js";
import type { ContentOptions } from "./contents.js";

/** Messages and bytes that are looked at together, so that a secret split over several is found. */
const WINDOW_MESSAGES = 2000;
const WINDOW_BYTES = 8 * 1024 * 1024;
const TEXT = 1;
const CLOSE = 8;

export async function* redactedMessages(
  selected: Selected,
  url: string,
  { bodies, maxBody, redaction }: ContentOptions,
): AsyncGenerator<MessageSource> {
  for await (const window of windows(selected, bodies)) {
    const clean = redaction === undefined ? window : redactedWindow(window, url, redaction);
    // Only now: what is cut in the middle of a secret does not look like one.
    for (const source of clean) yield cutTo(source, maxBody);
  }
}

function redactedWindow(
  window: readonly MessageSource[],
  url: string,
  redaction: Redaction,
): MessageSource[] {
  const clean = redaction.messages(window.map(redactable), url);
  return window.map(({ message, bytes }, at) => {
    if (bytes === null) return { message, bytes };
    const data = Buffer.from(clean[at]!.data);
    const code = isClose(message.opcode, bytes) ? bytes.subarray(0, 2) : Buffer.alloc(0);
    return { message, bytes: Buffer.concat([code, data]) };
  });
}

/** The message as the redactor takes it: what is text as text, that of a close frame without its code. */
export function redactable({ message, bytes }: MessageSource): {
  direction: "send" | "receive";
  data: string | Buffer;
} {
  const { direction, opcode } = message;
  const data = bytes ?? Buffer.alloc(0);
  if (isClose(opcode, data)) return { direction, data: data.toString("utf8", 2) };
  return { direction, data: opcode === TEXT && isUtf8(data) ? data.toString("utf8") : data };
}

function isClose(opcode: number, bytes: Buffer): boolean {
  return opcode === CLOSE && bytes.length > 2 && isUtf8(bytes.subarray(2));
}

/** A part of a message is never silent. */
function cutTo({ message, bytes }: MessageSource, most = Number.POSITIVE_INFINITY): MessageSource {
  if (bytes === null || bytes.length <= most) return { message, bytes };
  const body = { ...message.body, truncated: "max-body" as const };
  return { message: { ...message, body }, bytes: bytes.subarray(0, most) };
}

/** The messages with their bytes, so many at a time. */
export async function* windows(selected: Selected, bodies = true): AsyncGenerator<MessageSource[]> {
  let window: MessageSource[] = [];
  let size = 0;
  for await (const message of selected.messages()) {
    const isKept = bodies && message.body.kind !== "omitted";
    const bytes = isKept ? await selected.storedBody(message.body, Number.POSITIVE_INFINITY) : null;
    window.push({ message, bytes });
    size += bytes?.length ?? 0;
    if (window.length < WINDOW_MESSAGES && size < WINDOW_BYTES) continue;
    yield window;
    window = [];
    size = 0;
  }
  if (window.length > 0) yield window;
}
