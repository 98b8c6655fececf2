// Server-sent events, exactly as the WHATWG HTML standard parses them (section 9.2.6), with their places in the body,
// so that the times of a body's pieces become the times of its events.

export interface ServerSentEvent {
  /** `message` where the stream names none. */
  readonly event: string;
  readonly data: string;
  /** The last event id: stays until another one comes; "" at first. */
  readonly id: string;
  /** Milliseconds, where a `retry` stood since the event before. */
  readonly retry?: number;
  /** Comments since the event before, such as those that keep a connection alive. */
  readonly comments?: readonly string[];
  /** Bytes in the decoded body: where its first line (comments included) begins, and where the blank line ends. */
  readonly start: number;
  readonly end: number;
  /** The body ended before the blank line: a browser discards such an event. */
  readonly incomplete?: true;
}

const CR = 13;
const LF = 10;

/** @param content the decoded body (UTF-8): bytes, or the text of them. Linear, and never throws. */
export function parseEvents(content: Buffer | string): ServerSentEvent[] {
  const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
  const parser = new EventParser();
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  let start = hasMark ? 3 : 0;
  while (start < bytes.length) {
    const [end, next] = lineAt(bytes, start);
    parser.line(bytes.toString("utf8", start, end), start, next);
    start = next;
  }
  parser.end(bytes.length);
  return parser.events;
}

/** @returns where the line's text ends, and where the next line begins. */
function lineAt(bytes: Buffer, start: number): readonly [end: number, next: number] {
  for (let index = start; index < bytes.length; index++) {
    const byte = bytes[index];
    if (byte === LF) return [index, index + 1];
    if (byte === CR) return [index, bytes[index + 1] === LF ? index + 2 : index + 1];
  }
  return [bytes.length, bytes.length];
}

class EventParser {
  readonly events: ServerSentEvent[] = [];
  #data: string[] = [];
  #event = "";
  #id = "";
  #retry: number | undefined;
  #comments: string[] = [];
  #start: number | undefined;

  line(text: string, start: number, next: number): void {
    if (text === "") {
      this.#dispatch(next, false);
      return;
    }
    this.#start ??= start;
    const colon = text.indexOf(":");
    const value = colon === -1 ? "" : text.slice(text[colon + 1] === " " ? colon + 2 : colon + 1);
    if (colon === 0) this.#comments.push(value);
    else this.#field(colon === -1 ? text : text.slice(0, colon), value);
  }

  end(size: number): void {
    this.#dispatch(size, true);
  }

  #field(name: string, value: string): void {
    if (name === "data") this.#data.push(value);
    else if (name === "event") this.#event = value;
    else if (name === "id" && !value.includes("\0")) this.#id = value;
    else if (name === "retry" && /^[0-9]+$/.test(value)) this.#retry = Number(value);
  }

  #dispatch(end: number, incomplete: boolean): void {
    // "If the data buffer is an empty string, set the event type buffer to the empty string and return": fields without
    // any data line make no event. A single empty data line leaves a line feed in the buffer, so it makes one.
    if (this.#data.length > 0) {
      this.events.push({
        event: this.#event === "" ? "message" : this.#event,
        data: this.#data.join("\n"),
        id: this.#id,
        ...(this.#retry === undefined ? {} : { retry: this.#retry }),
        ...(this.#comments.length === 0 ? {} : { comments: this.#comments }),
        start: this.#start ?? end,
        end,
        ...(incomplete ? { incomplete: true } : {}),
      });
      this.#retry = undefined;
      this.#comments = [];
      this.#start = undefined;
    }
    this.#data = [];
    this.#event = "";
  }
}

/**
 * @param chunks of the body as recorded: `[milliseconds since the exchange started, bytes]`; of a body with a content
 * coding, those that `decodedChunks` makes of them.
 * @returns for each event the milliseconds at which its last byte had come; null beyond the chunks that were kept.
 */
export function timesOf(
  events: readonly ServerSentEvent[],
  chunks: readonly (readonly [ms: number, bytes: number])[],
): (number | null)[] {
  let index = 0;
  let received = chunks[0]?.[1] ?? 0;
  return events.map(({ end }) => {
    while (index < chunks.length && received < end) {
      index++;
      received += chunks[index]?.[1] ?? 0;
    }
    return chunks[index]?.[0] ?? null;
  });
}
