// HTTP/1 connections to origins between their exchanges: kept alive, by key, for whoever asks next.
import { Http1OriginConnection, type OriginConnectionOwner } from "./origin-connection.js";

/** Enough for a browser's or a load generator's parallelism, without hoarding descriptors. */
const MAX_IDLE_PER_KEY = 64;
const MAX_IDLE = 512;
/** Node's servers end an idle connection after 5 s; the race with that end is avoided by being first. */
const IDLE_TIMEOUT_MS = 4_000;

export class Http1Pool implements OriginConnectionOwner {
  readonly #idle = new Map<string, Http1OriginConnection[]>();
  readonly #keys = new Map<Http1OriginConnection, string>();
  #idleCount = 0;
  /** Some connection was authenticated for its client: rare enough to look only then. */
  #someBound = false;
  #closed = false;

  /** Open connections, idle ones included. */
  get size(): number {
    return this.#keys.size;
  }

  /** @param options what the connection is made of, without its owner, which is this pool */
  add(
    key: string,
    options: Omit<ConstructorParameters<typeof Http1OriginConnection>[0], "owner">,
  ): Http1OriginConnection {
    const connection = new Http1OriginConnection({ ...options, owner: this });
    this.#keys.set(connection, key);
    return connection;
  }

  /** @returns a connection that is alive as far as is known: the client's own where it has one, never another's */
  take(key: string, client: object): Http1OriginConnection | undefined {
    const waiting = this.#idle.get(key);
    if (waiting === undefined) return undefined;
    for (let index = bestOf(waiting, client); index !== -1; index = bestOf(waiting, client)) {
      const [connection] = waiting.splice(index, 1);
      this.#idleCount--;
      if (waiting.length === 0) this.#idle.delete(key);
      // The reaper comes now and then; what is too old by then is not used either.
      if (connection!.alive && performance.now() - connection!.idleSince < IDLE_TIMEOUT_MS) return connection;
      connection!.abort();
    }
    return undefined;
  }

  idle(connection: Http1OriginConnection): void {
    const key = this.#keys.get(connection);
    if (key === undefined || this.#closed) {
      connection.abort();
      return;
    }
    if (connection.bound) this.#someBound = true;
    const waiting = this.#idle.get(key) ?? [];
    if (waiting.length === 0) this.#idle.set(key, waiting);
    waiting.push(connection);
    this.#idleCount++;
    if (waiting.length > MAX_IDLE_PER_KEY || this.#idleCount > MAX_IDLE) waiting[0]?.abort();
  }

  closed(connection: Http1OriginConnection): void {
    const key = this.#keys.get(connection);
    if (key === undefined) return;
    this.#keys.delete(connection);
    const waiting = this.#idle.get(key);
    const index = waiting?.indexOf(connection) ?? -1;
    if (waiting === undefined || index === -1) return;
    waiting.splice(index, 1);
    this.#idleCount--;
    if (waiting.length === 0) this.#idle.delete(key);
  }

  /** A client's connection has ended: so do those that were authenticated for it. */
  clientLeft(client: object): void {
    if (this.#someBound) this.#abortIdle((connection) => connection.bound && connection.client === client);
  }

  /** Ends what has waited too long. @returns whether any connection still waits. */
  reap(now: number): boolean {
    this.#abortIdle((connection) => connection.idleSince < now - IDLE_TIMEOUT_MS);
    return this.#idleCount > 0;
  }

  /** Ends idle connections now and the others when their exchange is over. */
  close(): void {
    this.#closed = true;
    this.#abortIdle(() => true);
  }

  /** Ends every connection. */
  destroy(): void {
    this.close();
    for (const connection of [...this.#keys.keys()]) connection.abort();
  }

  #abortIdle(matches: (connection: Http1OriginConnection) => boolean): void {
    for (const waiting of [...this.#idle.values()]) {
      for (const connection of [...waiting]) if (matches(connection)) connection.abort();
    }
  }
}

/** @returns the index of the connection to use, the one used last first, as the least likely to have been ended; or -1 */
function bestOf(waiting: readonly Http1OriginConnection[], client: object): number {
  let shared = -1;
  for (let index = waiting.length - 1; index >= 0; index--) {
    const connection = waiting[index]!;
    if (connection.bound) {
      if (connection.client === client) return index;
    } else if (shared === -1) shared = index;
  }
  return shared;
}
