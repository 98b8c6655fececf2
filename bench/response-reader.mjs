// Reads one HTTP/1.1 response from a socket's chunks: its status and how many body bytes came. Keeps no body.

const CRLF = Buffer.from("\r\n");
const HEAD_END = Buffer.from("\r\n\r\n");

/** Framing of a body (RFC 9112 section 6.3), as far as the benchmark's proxies use it. */
export class ResponseReader {
  status = 0;
  bodyBytes = 0;
  /** What is left of the body or chunk; -1 while a head or a chunk's size line is awaited. */
  #left = -1;
  #chunked = false;
  #lastChunk = false;
  /** @type {Buffer | null} an incomplete head or line */
  #pending = null;

  /**
   * @param {Buffer} chunk
   * @returns {boolean} whether the response is complete
   */
  feed(chunk) {
    let rest = this.#pending === null ? chunk : Buffer.concat([this.#pending, chunk]);
    this.#pending = null;
    if (this.status === 0) {
      const end = rest.indexOf(HEAD_END);
      if (end === -1) return this.#wait(rest);
      this.#readHead(rest.toString("latin1", 0, end));
      rest = rest.subarray(end + HEAD_END.length);
    }
    return this.#chunked ? this.#readChunks(rest) : this.#readFixed(rest);
  }

  /** @param {string} head */
  #readHead(head) {
    this.status = Number(head.slice(9, 12));
    if (!head.startsWith("HTTP/1.1 ") || !(this.status >= 200))
      throw new Error(`not a response: ${head.slice(0, 60)}`);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head);
    this.#chunked = length === null && /\r\ntransfer-encoding: *chunked/i.test(head);
    if (length === null && !this.#chunked) throw new Error("a response without content-length or chunks");
    if (length !== null) this.#left = Number(length[1]);
  }

  /** @param {Buffer} rest */
  #readFixed(rest) {
    if (rest.length > this.#left) throw new Error("more bytes than content-length");
    this.#left -= rest.length;
    this.bodyBytes += rest.length;
    return this.#left === 0;
  }

  /** @param {Buffer} data */
  #readChunks(data) {
    let rest = data;
    for (;;) {
      if (this.#left > 2) {
        // `left` counts the chunk and the line end after it.
        const body = Math.min(rest.length, this.#left - 2);
        this.bodyBytes += body;
        this.#left -= body;
        rest = rest.subarray(body);
      }
      if (this.#left > 0) {
        const ending = Math.min(rest.length, this.#left <= 2 ? this.#left : 0);
        this.#left -= ending;
        rest = rest.subarray(ending);
        if (this.#left > 0) return false;
        if (this.#lastChunk) return true;
      }
      const end = rest.indexOf(CRLF);
      if (end === -1) return this.#wait(rest);
      const size = Number.parseInt(rest.toString("latin1", 0, end), 16);
      if (Number.isNaN(size)) throw new Error("a malformed chunk size");
      this.#lastChunk = size === 0;
      this.#left = size + 2;
      rest = rest.subarray(end + CRLF.length);
    }
  }

  /** @param {Buffer} rest */
  #wait(rest) {
    if (rest.length > 0) this.#pending = rest;
    return false;
  }
}
