// Watches an extended CONNECT (RFC 8441). Refused, it is an exchange like any other; accepted, its two bodies are a
// tunnel, and a WebSocket's messages are recorded as after a 101.
import type { ExchangeError, ServerEndpoint } from "../exchange/exchange.js";
import { headerValues } from "../exchange/headers.js";
import { Capture, type CapturedResponse, type CaptureOptions } from "./capture.js";
import type { DialTimes } from "./exchange-clock.js";
import { observeTunnel, type TunnelObserver } from "./tunnel-observer.js";

/** What a client may send ahead of the answer; more waits, since who is to read it is not known before. */
const MAX_EARLY_BYTES = 256 * 1024;

export class ExtendedConnectCapture extends Capture {
  readonly #protocol: string;
  readonly #tunnels: Set<() => void>;
  #observer: TunnelObserver | undefined;
  /** What came ahead of the answer; undefined once that is there. */
  #early: Buffer[] | undefined = [];
  #earlyBytes = 0;
  #waiting: (() => void)[] = [];

  /** @param tunnels where the tunnel stands from its end until it is recorded, so that nobody leaves before */
  constructor(options: CaptureOptions, protocol: string, tunnels: Set<() => void>) {
    super(options);
    this.#protocol = protocol;
    this.#tunnels = tunnels;
  }

  override get behind(): boolean {
    return this.#tooEarly || (this.#observer === undefined ? super.behind : this.#observer.behind);
  }

  override onReady(callback: () => void): void {
    if (this.#tooEarly) this.#waiting.push(callback);
    else if (this.#observer !== undefined) this.#observer.onReady(callback);
    else super.onReady(callback);
  }

  override connected(server: ServerEndpoint, dial: DialTimes | undefined): void {
    super.connected(server, dial);
    // The head is the request; what follows has no end that could be waited for.
    super.requestSent();
  }

  override requestSent(): void {}

  override requestData(data: readonly Buffer[]): void {
    if (this.#early !== undefined) {
      this.#early.push(...data);
      for (const { length } of data) this.#earlyBytes += length;
    } else if (this.#observer === undefined) super.requestData(data);
    else for (const piece of data) this.#observer.fromClient(piece);
  }

  override responseHead(response: CapturedResponse): void {
    super.responseHead(response);
    if (response.status < 300) {
      const extensions = headerValues(response.headers, "sec-websocket-extensions").join(", ") || undefined;
      this.#observer = observeTunnel(this, { isWebSocket: this.#protocol === "websocket", extensions });
    }
    this.#passEarly();
  }

  override responseData(data: readonly Buffer[]): void {
    if (this.#observer === undefined) super.responseData(data);
    else for (const piece of data) this.#observer.fromOrigin(piece);
  }

  override finish(error?: ExchangeError): void {
    this.#passEarly();
    const observer = this.#observer;
    if (observer === undefined) {
      super.finish(error);
      return;
    }
    const end = (): void => {};
    this.#tunnels.add(end);
    void observer.closed(error).then(() => this.#tunnels.delete(end));
  }

  override discard(): void {
    super.discard();
    this.#early = [];
    this.#passEarly();
  }

  get #tooEarly(): boolean {
    return this.#earlyBytes > MAX_EARLY_BYTES;
  }

  /** It is known now what the bytes that came early are. */
  #passEarly(): void {
    const early = this.#early;
    const waiting = this.#waiting;
    this.#early = undefined;
    this.#earlyBytes = 0;
    this.#waiting = [];
    if (early !== undefined) this.requestData(early);
    for (const callback of waiting) callback();
  }
}
