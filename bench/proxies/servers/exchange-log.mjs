// How the proxies without a recorder of their own record: one JSON line an exchange, large bodies in files beside it.
import { isUtf8 } from "node:buffer";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";

/** Bodies above this go to a file: a string of 512 MB would be beyond V8's limit. */
const INLINE_LIMIT = 1024 * 1024;

/** Written the plain way that a user of those libraries would: a write stream, no acknowledgement awaited. */
export class ExchangeLog {
  #folder;
  #lines;
  #files = 0;
  /** @type {Promise<void>[]} */
  #open = [];

  /** @param {string} folder */
  constructor(folder) {
    this.#folder = folder;
    this.#lines = createWriteStream(join(folder, "exchanges.jsonl"));
  }

  /** @param {object} exchange */
  write(exchange) {
    this.#lines.write(`${JSON.stringify(exchange)}\n`);
  }

  /** Takes a body chunk by chunk. */
  openBody() {
    return new BodySink(() => {
      const name = `body-${++this.#files}.bin`;
      const file = createWriteStream(join(this.#folder, name));
      this.#open.push(finished(file));
      return { name, file };
    });
  }

  async close() {
    this.#lines.end();
    await Promise.all([finished(this.#lines), ...this.#open]);
  }
}

class BodySink {
  #openFile;
  /** @type {Buffer[]} */
  #chunks = [];
  #size = 0;
  /** @type {{ name: string, file: import("node:fs").WriteStream } | null} */
  #file = null;

  /** @param {() => { name: string, file: import("node:fs").WriteStream }} openFile */
  constructor(openFile) {
    this.#openFile = openFile;
  }

  /** @param {Buffer} chunk */
  write(chunk) {
    this.#size += chunk.length;
    if (this.#file === null && this.#size > INLINE_LIMIT) {
      this.#file = this.#openFile();
      for (const early of this.#chunks) this.#file.file.write(early);
      this.#chunks = [];
    }
    if (this.#file === null) this.#chunks.push(chunk);
    else this.#file.file.write(chunk);
  }

  end() {
    const size = this.#size;
    if (size === 0) return { kind: "empty", size };
    if (this.#file !== null) {
      this.#file.file.end();
      return { kind: "file", size, file: this.#file.name };
    }
    const [first] = this.#chunks;
    const bytes = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks);
    return isUtf8(bytes)
      ? { kind: "text", size, text: bytes.toString() }
      : { kind: "base64", size, base64: bytes.toString("base64") };
  }
}
