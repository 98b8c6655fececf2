// Follows a session's file while it grows, without reading any of it twice.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { Exchange } from "../../src/exchange/exchange.js";
import type { WebSocketMessage } from "../../src/exchange/websocket-message.js";

export class SessionTail {
  readonly #path: string;
  #read = 0;
  readonly #finished = new Set<string>();
  readonly #messages = new Map<string, WebSocketMessage[]>();

  constructor(path: string) {
    this.#path = path;
  }

  /** @returns undefined while the exchange is not written, behind its messages */
  messagesOf({ id }: Exchange): WebSocketMessage[] | undefined {
    this.#readOn();
    return this.#finished.has(id) ? (this.#messages.get(id) ?? []) : undefined;
  }

  #readOn(): void {
    const text = this.#newLines();
    for (const line of text.split("\n")) {
      if (line === "") continue;
      const parsed = JSON.parse(line);
      if (parsed.type === "exchange") this.#finished.add(parsed.id);
      if (parsed.type !== "websocket-message") continue;
      this.#messages.set(parsed.exchange, [...(this.#messages.get(parsed.exchange) ?? []), parsed]);
    }
  }

  /** Whole lines only; a line that is being written comes the next time. */
  #newLines(): string {
    const file = openSync(this.#path, "r");
    try {
      const bytes = Buffer.alloc(fstatSync(file).size - this.#read);
      const length = readSync(file, bytes, 0, bytes.length, this.#read);
      const end = bytes.subarray(0, length).lastIndexOf(10) + 1;
      this.#read += end;
      return bytes.toString("utf8", 0, end);
    } finally {
      closeSync(file);
    }
  }
}
