// Connections to origins: dialled when needed, kept alive and pooled by authority in between.
import type { ServerEndpoint } from "../exchange/exchange.js";
import type { ConnectionId } from "../exchange/id.js";
import type { DialTimes } from "./capture.js";
import { type DialError, type Dialled, type DialOptions, type DialTarget, dial } from "./dial.js";
import { Http1OriginConnection, type OriginConnectionOwner } from "./http1/origin-connection.js";
import { formatHost } from "./target.js";

export interface Lease {
  readonly connection: Http1OriginConnection;
  /** When the connection was dialled for this lease; undefined when it came from the pool. */
  readonly dial: DialTimes | undefined;
}

type LeaseCallback = (error: DialError | undefined, lease?: Lease) => void;

/** Idle connections kept: enough for a browser's or a load generator's parallelism, without hoarding descriptors. */
const MAX_IDLE_PER_AUTHORITY = 64;
const MAX_IDLE = 512;
/** Node's servers end an idle connection after 5 s; the race with that end is avoided by being first. */
const IDLE_TIMEOUT_MS = 4_000;
/** A connection idle for longer than this may have been ended already: look before writing. */
const TRUSTED_IDLE_MS = 2;

export class Upstream implements OriginConnectionOwner {
  readonly #options: DialOptions;
  readonly #idle = new Map<string, Http1OriginConnection[]>();
  readonly #keys = new Map<Http1OriginConnection, string>();
  #idleCount = 0;
  #nextConnectionId = 1;
  #reaper: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: DialOptions) {
    this.#options = options;
  }

  /** Open connections, idle ones included. */
  get size(): number {
    return this.#keys.size;
  }

  newConnectionId(): ConnectionId {
    return this.#nextConnectionId++ as ConnectionId;
  }

  /** @returns a function that gives up waiting; the callback is then not called. It may be called at once. */
  lease(target: DialTarget, callback: LeaseCallback): () => void {
    const key = poolKey(target);
    const pooled = this.#takeIdle(key);
    if (pooled === undefined) return this.#dial(target, key, callback);
    if (performance.now() - pooled.idleSince < TRUSTED_IDLE_MS) {
      callback(undefined, { connection: pooled, dial: undefined });
      return () => {};
    }
    return this.#leaseAfterLook(pooled, target, callback);
  }

  /**
   * The origin may have ended the connection while it waited, and the news lie unread in the kernel. One turn of the
   * event loop reads it; so a request is never written to a connection that had died unused, and never sent twice.
   */
  #leaseAfterLook(pooled: Http1OriginConnection, target: DialTarget, callback: LeaseCallback): () => void {
    let cancel = () => {
      clearImmediate(look);
      this.idle(pooled);
    };
    const look = setImmediate(() => {
      cancel = () => {};
      if (pooled.alive) callback(undefined, { connection: pooled, dial: undefined });
      else cancel = this.lease(target, callback);
    });
    return () => cancel();
  }

  idle(connection: Http1OriginConnection): void {
    const key = this.#keys.get(connection);
    if (key === undefined || this.#closed) {
      connection.abort();
      return;
    }
    const waiting = this.#idle.get(key);
    if (waiting === undefined) this.#idle.set(key, [connection]);
    else waiting.push(connection);
    this.#idleCount++;
    if ((waiting?.length ?? 1) > MAX_IDLE_PER_AUTHORITY || this.#idleCount > MAX_IDLE) this.#dropOldest(key);
    this.#reaper ??= setTimeout(() => this.#reap(), IDLE_TIMEOUT_MS / 2).unref();
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

  /** Ends idle connections now and the others when their exchange is over. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#reaper);
    for (const waiting of [...this.#idle.values()]) for (const connection of [...waiting]) connection.abort();
    this.#idle.clear();
  }

  /** Ends every connection. */
  destroy(): void {
    this.close();
    for (const connection of [...this.#keys.keys()]) connection.abort();
  }

  #takeIdle(key: string): Http1OriginConnection | undefined {
    const waiting = this.#idle.get(key);
    if (waiting === undefined) return undefined;
    for (;;) {
      // The one used last is the least likely to have been ended by the origin.
      const connection = waiting.pop();
      if (connection === undefined) {
        this.#idle.delete(key);
        return undefined;
      }
      this.#idleCount--;
      if (connection.alive) return connection;
      connection.abort();
    }
  }

  #dial(target: DialTarget, key: string, callback: LeaseCallback): () => void {
    return dial(target, this.#options, (error, dialled) => {
      if (dialled === undefined) {
        callback(error);
        return;
      }
      callback(undefined, { connection: this.#adopt(dialled, key), dial: dialled.times });
    });
  }

  #adopt(dialled: Dialled, key: string): Http1OriginConnection {
    const endpoint: Omit<ServerEndpoint, "reused"> = {
      address: dialled.address,
      port: dialled.port,
      connectionId: this.newConnectionId(),
      tls: dialled.tls,
    };
    const connection = new Http1OriginConnection({ ...dialled, endpoint, owner: this });
    this.#keys.set(connection, key);
    return connection;
  }

  #dropOldest(key: string): void {
    const waiting = this.#idle.get(key);
    waiting?.[0]?.abort();
  }

  #reap(): void {
    this.#reaper = undefined;
    const limit = performance.now() - IDLE_TIMEOUT_MS;
    for (const waiting of [...this.#idle.values()]) {
      for (const connection of [...waiting]) if (connection.idleSince < limit) connection.abort();
    }
    if (this.#idle.size > 0) this.#reaper = setTimeout(() => this.#reap(), IDLE_TIMEOUT_MS / 2).unref();
  }
}

function poolKey(target: DialTarget): string {
  return `${target.scheme}://${formatHost(target.host)}:${target.port}|${target.serverName ?? ""}|${target.alpn.join()}`;
}
