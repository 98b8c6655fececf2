// WebSocket messages, as an entry or a file attached to it has them.
import type { Truncation } from "../exchange/body.js";
import type { WebSocketClose } from "../exchange/exchange.js";
import { asObject, FieldReader, type JsonObject, kindOf } from "./repairs.js";
import { truncationIn } from "./truncation-text.js";

export interface ImportedMessage {
  /** 1 for the first. */
  readonly seq: number;
  /** ISO 8601, UTC, milliseconds. */
  readonly time: string;
  readonly direction: "send" | "receive";
  readonly opcode: number;
  readonly bytes: Buffer;
  readonly truncated?: Truncation;
}

/** @param startedAt stands for the time of a message that has none. */
export function readMessages(
  items: readonly unknown[],
  startedAt: string,
  reader: FieldReader,
): ImportedMessage[] {
  const messages: ImportedMessage[] = [];
  for (const [index, item] of items.entries()) {
    const path = `_webSocketMessages[${index}]`;
    const message = asObject(item);
    if (message === undefined) reader.note(path, `is ${kindOf(item)}, not an object; left out`);
    else if (message.type === "error") reader.note(path, "is an error, not a message; left out");
    else messages.push(readMessage(message, messages.length + 1, startedAt, path, reader));
  }
  return messages;
}

/**
 * @param chunks of an attached file: a JSON value a line (Playwright). What is no message is passed over.
 */
export async function* readMessageLines(
  chunks: AsyncIterable<Buffer>,
  startedAt: string,
): AsyncGenerator<ImportedMessage> {
  let seq = 0;
  for await (const line of linesOf(chunks)) {
    const message = asObject(parsed(line));
    if (message === undefined || message.type === "error") continue;
    seq++;
    yield readMessage(message, seq, startedAt, "", new FieldReader(0, false, new Map()));
  }
}

async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let begun: Buffer[] = [];
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      yield Buffer.concat([...begun, chunk.subarray(from, end)]);
      begun = [];
      from = end + 1;
    }
    if (from < chunk.length) begun.push(chunk.subarray(from));
  }
  if (begun.length > 0) yield Buffer.concat(begun);
}

function parsed(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString("utf8"));
  } catch {
    return undefined;
  }
}

const TEXT = 1;

function readMessage(
  message: JsonObject,
  seq: number,
  startedAt: string,
  path: string,
  reader: FieldReader,
): ImportedMessage {
  const { type } = message;
  const direction = type === "send" || type === "receive" ? type : "receive";
  if (direction !== type) reader.note(`${path}.type`, "is neither send nor receive; taken as receive");
  const number = Math.round(reader.number(message, "opcode", path, TEXT));
  const opcode = number >= 0 && number <= 15 ? number : TEXT;
  if (opcode !== number) reader.note(`${path}.opcode`, `is ${number}; taken as text`);
  const data = reader.text(message, "data", path, "");
  const truncated = typeof message.comment === "string" ? truncationIn(message.comment) : undefined;
  return {
    seq,
    time: timeOf(message, path, reader) ?? startedAt,
    direction,
    opcode,
    bytes: Buffer.from(data, opcode === TEXT ? "utf8" : "base64"),
    ...(truncated === undefined ? {} : { truncated }),
  };
}

/** Chrome writes seconds, Playwright milliseconds, and -1 where times are left out. */
function timeOf(message: JsonObject, path: string, reader: FieldReader): string | undefined {
  const time = reader.number(message, "time", path, -1);
  const ms = Math.round(time > 1e11 ? time : time * 1000);
  return ms >= 0 && ms <= Date.UTC(9999, 11, 31) ? new Date(ms).toISOString() : undefined;
}

/** How the connection ended, where its close frames are among the messages. */
export function closeIn(messages: readonly ImportedMessage[]): WebSocketClose | undefined {
  const first = messages.find(({ opcode }) => opcode === 8);
  if (first === undefined) return undefined;
  const { bytes, direction } = first;
  return {
    by: direction === "send" ? "client" : "server",
    code: bytes.length >= 2 ? bytes.readUInt16BE(0) : null,
    reason: bytes.subarray(2).toString("utf8"),
  };
}
