// The client's end of a flow where there is no client: it takes the response, and holds the request's body back while
// the origin is slower.
import { createHash } from "node:crypto";
import type { RawHeaders } from "../../exchange/headers.js";
import type { ClientEnd, DetachedConnection, OutgoingResponse } from "../../proxy/ends.js";
import type { ExchangeFlow } from "../../proxy/exchange-flow.js";

export interface ReceivedBody {
  /** The bytes, content coding included; null where there are more than were to be kept. */
  readonly bytes: Buffer | null;
  readonly size: number;
  /** SHA-256, hexadecimal. */
  readonly sha256: string;
}

export class SendingClient implements ClientEnd {
  readonly #silenceMs: number;
  readonly #keep: number | undefined;
  readonly #hash = createHash("sha256");
  #flow: ExchangeFlow | undefined;
  #timer: NodeJS.Timeout | undefined;
  #kept: Buffer[] | null = [];
  #size = 0;
  #resume: (() => void) | undefined;
  #room: Promise<void> | undefined;
  #over = false;
  #timedOut = false;

  /**
   * @param silenceMs how long a response may pause after its head
   * @param keep bytes of the response's body to keep for whoever compares; undefined keeps none
   */
  constructor(silenceMs: number, keep: number | undefined) {
    this.#silenceMs = silenceMs;
    this.#keep = keep;
  }

  begin(flow: ExchangeFlow): void {
    this.#flow = flow;
    flow.start();
  }

  get over(): boolean {
    return this.#over;
  }

  /** The response paused for longer than it may. */
  get timedOut(): boolean {
    return this.#timedOut;
  }

  /** Resolves when the origin takes more of the request. */
  async room(): Promise<void> {
    await this.#room;
  }

  /** Of the response, as far as it has come; null where nothing was to be kept. */
  received(): ReceivedBody | null {
    if (this.#keep === undefined) return null;
    const bytes = this.#kept === null ? null : Buffer.concat(this.#kept);
    return { bytes, size: this.#size, sha256: this.#hash.copy().digest("hex") };
  }

  // From the flow: see ClientEnd.

  sendInformational(): void {}

  sendHead(head: OutgoingResponse): void {
    this.#timer ??= setTimeout(() => this.#silent(), this.#silenceMs);
    if (head.status !== 101) return;
    // What would follow is no HTTP, and nobody is here to speak it.
    this.#flow?.clientGone("the origin switched protocols, which is not replayed");
  }

  sendBody(_wire: Buffer, data: readonly Buffer[]): void {
    this.#timer?.refresh();
    if (this.#keep === undefined) return;
    for (const chunk of data) {
      this.#size += chunk.length;
      this.#hash.update(chunk);
      if (this.#size > this.#keep) this.#kept = null;
      else this.#kept?.push(chunk);
    }
  }

  sendEnd(_trailers: RawHeaders): void {}

  flush(): boolean {
    return true;
  }

  pauseRequest(): void {
    if (this.#over) return;
    this.#room ??= new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  resumeRequest(): void {
    this.#resume?.();
    this.#room = undefined;
    this.#resume = undefined;
  }

  abort(): void {
    this.exchangeOver();
  }

  close(): void {
    this.exchangeOver();
  }

  exchangeOver(): void {
    this.#over = true;
    this.#flow = undefined;
    clearTimeout(this.#timer);
    this.resumeRequest();
  }

  detach(): DetachedConnection {
    throw new Error("a request that is sent again has no connection to detach");
  }

  #silent(): void {
    this.#timedOut = true;
    this.#flow?.stop();
  }
}
