// What was made for the hosts seen lately: least recently used out first, so that a client that asks for ever new host
// names cannot grow the process.
import { type HostName, parseHostName } from "./host-name.js";

export interface LeafCacheOptions<Context> {
  readonly make: (host: HostName) => Context;
  /** Frees what was made: a collection may be long in coming. */
  readonly release: (context: Context) => void;
  /** Hosts that are kept. */
  readonly bound: number;
}

export class LeafCache<Context> {
  readonly #options: LeafCacheOptions<Context>;
  /** In the order of their last use, the oldest first. */
  readonly #contexts = new Map<string, Context>();

  constructor(options: LeafCacheOptions<Context>) {
    this.#options = options;
  }

  get size(): number {
    return this.#contexts.size;
  }

  /**
   * @returns what is to be used at once: a later call may release it
   * @throws TrafficError BAD_OPTION when no certificate can name the host
   */
  get(host: string): Context {
    const name = parseHostName(host);
    const known = this.#contexts.get(name.text);
    const context = known ?? this.#options.make(name);
    if (known !== undefined) this.#contexts.delete(name.text);
    this.#contexts.set(name.text, context);
    if (this.#contexts.size > this.#options.bound) this.#dropOldest();
    return context;
  }

  #dropOldest(): void {
    for (const [host, context] of this.#contexts) {
      this.#contexts.delete(host);
      this.#options.release(context);
      return;
    }
  }
}
