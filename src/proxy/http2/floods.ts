// Counts what a hostile peer could make this side do without end, and ends the connection when it is too much.
import { ConnectionError, Http2Code } from "./errors.js";
import type { FloodLimits, Rate } from "./options.js";

/** A bucket of tokens that refills with time. */
class TokenBucket {
  readonly #rate: Rate;
  readonly #clock: () => number;
  #tokens: number;
  #filledAt: number;

  constructor(rate: Rate, clock: () => number) {
    this.#rate = rate;
    this.#clock = clock;
    this.#tokens = rate.burst;
    this.#filledAt = clock();
  }

  /** @returns false when none is left */
  take(): boolean {
    if (this.#tokens < 1) this.#refill();
    this.#tokens -= 1;
    return this.#tokens >= 0;
  }

  /** The clock is asked only when the bucket is empty: whoever stays below the burst costs nothing. */
  #refill(): void {
    const now = this.#clock();
    const refill = ((now - this.#filledAt) / 1000) * this.#rate.perSecond;
    this.#tokens = Math.min(this.#rate.burst, Math.max(0, this.#tokens) + refill);
    this.#filledAt = now;
  }
}

export class FloodGuard {
  readonly #limits: FloodLimits;
  readonly #buckets: Readonly<Record<"resets" | "pings" | "settings" | "emptyData", TokenBucket>>;

  constructor(limits: FloodLimits, clock: () => number) {
    this.#limits = limits;
    this.#buckets = {
      resets: new TokenBucket(limits.resets, clock),
      pings: new TokenBucket(limits.pings, clock),
      settings: new TokenBucket(limits.settings, clock),
      emptyData: new TokenBucket(limits.emptyData, clock),
    };
  }

  /** @throws {ConnectionError} with ENHANCE_YOUR_CALM when it was one too many */
  count(kind: "resets" | "pings" | "settings" | "emptyData"): void {
    if (!this.#buckets[kind].take()) throw calm(`too many ${TOO_MANY[kind]}`);
  }

  /** @param unread answers that wait to be written */
  checkAnswers(unread: number): void {
    if (unread > this.#limits.unreadAnswers) throw calm("the peer does not read the answers it asks for");
  }

  /** @param octets of the header block so far */
  checkContinuations(frames: number, octets: number, maxOctets: number): void {
    if (frames > this.#limits.continuations) throw calm("a header block of too many CONTINUATION frames");
    if (octets > maxOctets) throw calm("a header block larger than the limit of header lists");
  }

  tooManyInformational(count: number): boolean {
    return count > this.#limits.informational;
  }
}

const TOO_MANY = {
  resets: "streams reset",
  pings: "PING frames",
  settings: "SETTINGS frames",
  emptyData: "empty DATA frames",
} as const;

function calm(message: string): ConnectionError {
  return new ConnectionError(Http2Code.ENHANCE_YOUR_CALM, message);
}
