// The TLS contexts of the hosts seen lately: least recently used out first, so that a client that asks for ever
// new host names cannot grow the process.
import type { SecureContext } from "node:tls";
import { type HostName, parseHostName } from "./host-name.js";

export class LeafCache {
  readonly #make: (host: HostName) => SecureContext;
  readonly #bound: number;
  /** In the order of their last use, the oldest first. */
  readonly #contexts = new Map<string, SecureContext>();

  constructor(make: (host: HostName) => SecureContext, bound: number) {
    this.#make = make;
    this.#bound = bound;
  }

  get size(): number {
    return this.#contexts.size;
  }

  /** @throws TrafficError BAD_OPTION when no certificate can name the host */
  get(host: string): SecureContext {
    const name = parseHostName(host);
    const known = this.#contexts.get(name.text);
    const context = known ?? this.#make(name);
    if (known !== undefined) this.#contexts.delete(name.text);
    this.#contexts.set(name.text, context);
    if (this.#contexts.size > this.#bound) this.#dropOldest();
    return context;
  }

  #dropOldest(): void {
    const oldest = this.#contexts.keys().next();
    if (oldest.done !== true) this.#contexts.delete(oldest.value);
  }
}
