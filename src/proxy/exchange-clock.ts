// The moments of one exchange as they pass, and the phases that they make up (HAR 1.2, "timings").
import type { Timings } from "../exchange/timings.js";

/** When a new connection to an origin was made: `performance.now()` values; absent phases did not happen. */
export interface DialTimes {
  readonly started: number;
  readonly resolved?: number;
  readonly connected?: number;
  readonly secured?: number;
}

export class ExchangeClock {
  readonly start = performance.now();
  #dial: DialTimes | undefined;
  #connectedAt = -1;
  #sentAt = -1;
  #headAt = -1;
  #arrivedAt = -1;
  #heldBackMs = 0;

  /** @param dial undefined: the connection came from the pool, or none is made. */
  connected(dial: DialTimes | undefined): void {
    this.#dial = dial;
    this.#connectedAt = performance.now();
  }

  dialFailed(dial: DialTimes): void {
    this.#dial = dial;
  }

  requestSent(): void {
    this.#sentAt = performance.now();
  }

  /** The origin's response has begun, whatever is done with it before the client gets it. */
  responseArrived(): void {
    this.#arrivedAt = performance.now();
  }

  /** The response was held for so long, which is no time of the origin's. */
  heldBack(ms: number): void {
    this.#heldBackMs += ms;
  }

  responseHead(): void {
    this.#headAt = performance.now();
  }

  /** Before a connection was begun, and, where it had been made ahead of the request, before that was taken. */
  #waitedFor(dial: DialTimes | undefined, connectedAt: number): number {
    if (dial === undefined) return connectedAt - this.start;
    const made = dial.secured ?? dial.connected;
    const idle = made === undefined ? 0 : connectedAt - Math.max(this.start, made);
    return Math.max(0, dial.started - this.start) + Math.max(0, idle);
  }

  timings(now: number): Timings {
    const dial = this.#dial;
    const answeredAt = this.#arrivedAt === -1 ? this.#headAt : this.#arrivedAt;
    const connectedAt = this.#connectedAt === -1 ? now : this.#connectedAt;
    // What was held had left the client before there was a connection.
    const sentAt = Math.max(connectedAt, this.#sentAt === -1 ? answeredAt : this.#sentAt);
    const headAt = answeredAt === -1 ? now : answeredAt;
    return {
      blocked: round(this.#waitedFor(dial, connectedAt) + this.#heldBackMs),
      dns: phase(dial?.started, dial?.resolved),
      connect: phase(dial?.resolved ?? dial?.started, dial?.secured ?? dial?.connected),
      ssl: phase(dial?.connected, dial?.secured),
      send: this.#connectedAt === -1 ? 0 : round(sentAt - connectedAt),
      wait: round(headAt - sentAt),
      receive: answeredAt === -1 ? 0 : round(now - headAt - this.#heldBackMs),
    };
  }
}

function phase(from: number | undefined, to: number | undefined): number {
  return from === undefined || to === undefined ? -1 : round(to - from);
}

/** Milliseconds to the microsecond: what the clock can tell; never negative. */
export function round(ms: number): number {
  return ms <= 0 ? 0 : Math.round(ms * 1000) / 1000;
}
