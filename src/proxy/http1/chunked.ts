// Finds the data and the end of a chunked body (RFC 9112 section 7.1) while its bytes are forwarded as they came.
import type { RawHeaders } from "../../exchange/headers.js";
import { parseTrailers } from "./head.js";
import { MalformedMessage } from "./malformed.js";

/** The longest chunk-size line, extensions included, and the largest trailer section, that are read. */
const MAX_CHUNK_LINE = 16 * 1024;
const MAX_TRAILERS = 64 * 1024;

const CR = 13;
const LF = 10;

type State = "size" | "data" | "data-end" | "trailers" | "done";

/** One chunked body. `push` any pieces of it; strict: only CRLF ends a line, only hexadecimal digits a size. */
export class ChunkedDecoder {
  trailers: RawHeaders = [];
  #state: State = "size";
  #remaining = 0;
  /** A line that was cut by the end of a piece. */
  #line = "";

  get done(): boolean {
    return this.#state === "done";
  }

  /**
   * @param data receives views of the body's data in `bytes`
   * @returns where the body ended in `bytes`, or its length when it goes on
   * @throws MalformedMessage
   */
  push(bytes: Buffer, start: number, data: Buffer[]): number {
    let position = start;
    while (position < bytes.length && this.#state !== "done") {
      switch (this.#state) {
        case "data": {
          const end = Math.min(bytes.length, position + this.#remaining);
          data.push(bytes.subarray(position, end));
          this.#remaining -= end - position;
          position = end;
          if (this.#remaining === 0) this.#state = "data-end";
          break;
        }
        case "size":
        case "data-end":
        case "trailers":
          position = this.#readLine(bytes, position);
          break;
      }
    }
    return position;
  }

  #readLine(bytes: Buffer, position: number): number {
    const lineFeed = bytes.indexOf(LF, position);
    const limit = this.#state === "trailers" ? MAX_TRAILERS : MAX_CHUNK_LINE;
    const end = lineFeed === -1 ? bytes.length : lineFeed + 1;
    this.#line += bytes.toString("latin1", position, end);
    if (this.#line.length > limit)
      throw new MalformedMessage(`a chunk line or trailer section over ${limit} bytes`);
    if (lineFeed !== -1) this.#endLine();
    return end;
  }

  #endLine(): void {
    const line = this.#line;
    if (line.length < 2 || line.charCodeAt(line.length - 2) !== CR) {
      throw new MalformedMessage("a bare line feed in a chunked body");
    }
    switch (this.#state) {
      case "size":
        this.#remaining = parseChunkSize(line);
        this.#state = this.#remaining === 0 ? "trailers" : "data";
        this.#line = "";
        return;
      case "data-end":
        if (line !== "\r\n") throw new MalformedMessage("a chunk longer than its size");
        this.#state = "size";
        this.#line = "";
        return;
      case "trailers":
        // The lines collect until the blank one, which is alone or follows a line's CRLF.
        if (line !== "\r\n" && !line.endsWith("\r\n\r\n")) return;
        this.trailers = parseTrailers(line.slice(0, -2));
        this.#state = "done";
        this.#line = "";
        return;
    }
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const CHUNK_LINE = /^([0-9A-Fa-f]{1,12})[ \t]*(?:;[^\x00\r\n]*)?\r\n$/;

function parseChunkSize(line: string): number {
  const match = CHUNK_LINE.exec(line);
  if (match === null) throw new MalformedMessage("a chunk size that is not a hexadecimal number");
  return Number.parseInt(match[1]!, 16);
}
