// Counts what a session holds and what was not kept, for the manifest.
import type { Exchange } from "../exchange/exchange.js";
import type { Trimmed } from "./log-trim.js";
import type { SessionCounts } from "./manifest.js";

export class Tally {
  #exchanges = 0;
  #messages = 0;
  #errors = 0;
  #dropped = 0;
  readonly #drops = new Map<string, number>();

  kept(exchange: Exchange): void {
    this.#exchanges++;
    if (exchange.error !== undefined) this.#errors++;
  }

  keptMessage(): void {
    this.#messages++;
  }

  /** @param count of exchanges and messages. */
  drop(count: number, reason: string): void {
    if (count === 0) return;
    this.#dropped += count;
    this.#drops.set(reason, (this.#drops.get(reason) ?? 0) + count);
  }

  /** Of exchanges in the log. */
  get exchanges(): number {
    return this.#exchanges;
  }

  trimmed({ exchanges, messages, errors }: Trimmed, reason: string): void {
    this.#exchanges -= exchanges;
    this.#messages -= messages;
    this.#errors -= errors;
    this.drop(exchanges, reason);
  }

  counts(bytes: number): SessionCounts {
    return {
      exchanges: this.#exchanges,
      messages: this.#messages,
      errors: this.#errors,
      bytes,
      dropped: this.#dropped,
    };
  }

  drops(): Record<string, number> {
    return Object.fromEntries(this.#drops);
  }
}
