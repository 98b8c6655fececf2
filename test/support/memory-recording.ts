// A Recording that keeps everything in memory and counts what is left open, for tests.

import { isUtf8 } from "node:buffer";
import { createHash, type Hash } from "node:crypto";
import { type Body, EMPTY_BODY, type Truncation } from "../../src/exchange/body.js";
import type { Exchange } from "../../src/exchange/exchange.js";
import type { BodyWriter, BodyWriterOptions, Recording } from "../../src/exchange/recording.js";
import type { WebSocketMessage } from "../../src/exchange/websocket-message.js";

export interface MemoryRecordingOptions {
  /** Keep only the size and the SHA-256 of each body, for bodies that memory should not hold. */
  readonly digestOnly?: boolean;
  /** Bytes written until the recording is behind; `drain` then ends that. The default is never. */
  readonly behindAfter?: number;
}

interface Content {
  readonly bytes: Buffer | null;
  readonly sha256: string;
}

export class MemoryRecording implements Recording {
  readonly messages: WebSocketMessage[] = [];
  readonly exchanges: Exchange[] = [];
  readonly openedExchanges: Exchange[] = [];
  /** Bodies that were neither ended nor discarded. */
  openBodies = 0;
  discarded = 0;
  /** Times that a chunk was written while `behind`. */
  writesWhileBehind = 0;
  behind = false;
  readonly #options: MemoryRecordingOptions;
  readonly #contents = new WeakMap<Body, Content>();
  #waiting: (() => void)[] = [];
  #seq = 0;
  #sinceDrain = 0;

  constructor(options: MemoryRecordingOptions = {}) {
    this.#options = options;
  }

  nextSeq(): number {
    return ++this.#seq;
  }

  openBody(_options: BodyWriterOptions): BodyWriter {
    this.openBodies++;
    const chunks: Buffer[] = [];
    const hash = createHash("sha256");
    let size = 0;
    let open = true;
    const close = (): void => {
      if (!open) throw new Error("a body was ended twice");
      open = false;
      this.openBodies--;
    };
    return {
      write: (chunk) => {
        if (!open) throw new Error("a body was written to after its end");
        if (this.behind) this.writesWhileBehind++;
        size += chunk.length;
        hash.update(chunk);
        if (this.#options.digestOnly !== true) chunks.push(chunk);
        this.#written(chunk.length);
      },
      end: (truncated) => {
        close();
        return this.#body(size, chunks, hash, truncated);
      },
      discard: () => {
        close();
        this.discarded++;
      },
    };
  }

  opened(exchange: Exchange): void {
    this.openedExchanges.push(exchange);
  }

  message(message: WebSocketMessage): void {
    this.messages.push(message);
  }

  finished(exchange: Exchange): void {
    this.exchanges.push(exchange);
  }

  onDrain(callback: () => void): void {
    this.#waiting.push(callback);
  }

  /** Ends being behind. */
  drain(): void {
    this.behind = false;
    this.#sinceDrain = 0;
    const callbacks = this.#waiting;
    this.#waiting = [];
    for (const callback of callbacks) callback();
  }

  /** The bytes written to a body that this recording described. */
  bytesOf(body: Body): Buffer {
    const bytes = this.#contents.get(body)?.bytes;
    if (bytes === null || bytes === undefined) throw new Error("this recording has no bytes of that body");
    return bytes;
  }

  sha256Of(body: Body): string | undefined {
    return this.#contents.get(body)?.sha256;
  }

  #written(bytes: number): void {
    this.#sinceDrain += bytes;
    if (this.#options.behindAfter !== undefined && this.#sinceDrain > this.#options.behindAfter)
      this.behind = true;
  }

  #body(size: number, chunks: Buffer[], hash: Hash, truncated: Truncation | undefined): Body {
    const bytes = this.#options.digestOnly === true ? null : Buffer.concat(chunks);
    const body = describe(size, bytes, truncated);
    this.#contents.set(body, { bytes, sha256: hash.digest("hex") });
    return body;
  }
}

function describe(size: number, bytes: Buffer | null, truncated: Truncation | undefined): Body {
  const base = truncated === undefined ? { size } : { size, truncated };
  // A copy of its own: contents are found by the body object.
  if (size === 0) return { ...EMPTY_BODY, ...base };
  if (bytes === null) return { ...base, kind: "file", file: "bodies/test", stored: size };
  if (isUtf8(bytes)) return { ...base, kind: "text", text: bytes.toString() };
  return { ...base, kind: "base64", base64: bytes.toString("base64") };
}
