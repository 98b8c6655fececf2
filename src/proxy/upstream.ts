// Connections to origins: dialled when needed, kept alive and pooled by authority in between.
import type { ServerEndpoint } from "../exchange/exchange.js";
import type { ConnectionId } from "../exchange/id.js";
import type { DialTimes } from "./capture.js";
import { type DialError, type Dialled, type DialOptions, type DialTarget, dial } from "./dial.js";
import type { OriginEnd } from "./ends.js";
import { Http1OriginConnection, type OriginConnectionOwner } from "./http1/origin-connection.js";
import { Http2OriginConnection, type Http2OriginOwner } from "./http2/origin-connection.js";
import { formatHost } from "./target.js";

export interface Lease {
  readonly end: OriginEnd;
  /** When the connection was dialled for this lease; undefined when it came from the pool. */
  readonly dial: DialTimes | undefined;
}

interface Made {
  readonly connection: Http1OriginConnection | Http2OriginConnection;
  readonly dial: DialTimes;
}

type DialledCallback = (error: DialError | undefined, made?: Made) => void;
type LeaseCallback = (error: DialError | undefined, lease?: Lease) => void;

/** Idle connections kept: enough for a browser's or a load generator's parallelism, without hoarding descriptors. */
const MAX_IDLE_PER_AUTHORITY = 64;
const MAX_IDLE = 512;
/** Node's servers end an idle connection after 5 s; the race with that end is avoided by being first. */
const IDLE_TIMEOUT_MS = 4_000;
/** A connection idle for longer than this may have been ended already: look before writing. */
const TRUSTED_IDLE_MS = 2;

/** What ALPN chooses from for a client that speaks HTTP/2; one that does not gets HTTP/1.1 from the origin as well. */
export const BOTH_PROTOCOLS: readonly string[] = ["h2", "http/1.1"];
/** HTTP/2 connections without a stream are ended after this. */
const HTTP2_IDLE_MS = 30_000;
const MAX_REMEMBERED = 10_000;

export class Upstream implements OriginConnectionOwner, Http2OriginOwner {
  readonly #options: DialOptions;
  readonly #idle = new Map<string, Http1OriginConnection[]>();
  readonly #keys = new Map<Http1OriginConnection, string>();
  readonly #http2 = new Map<string, Http2OriginConnection[]>();
  readonly #http2Keys = new Map<Http2OriginConnection, string>();
  /** Who waits for a connection that is being dialled and may turn out to be shared, by key. */
  readonly #waiting = new Map<string, (() => void)[]>();
  /** What each authority spoke last, so that its next client is offered the same. */
  readonly #spoken = new Map<string, "h2" | "http/1.1">();
  /** Connections made ahead of their first exchange, which is the one that pays for them. */
  readonly #unpaid = new WeakMap<object, DialTimes>();
  #idleCount = 0;
  /** Some connection was authenticated for its client: rare enough to look only then. */
  #someBound = false;
  #nextConnectionId = 1;
  #reaper: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: DialOptions) {
    this.#options = options;
  }

  /** Open connections, idle ones included. */
  get size(): number {
    return this.#keys.size + this.#http2Keys.size;
  }

  newConnectionId(): ConnectionId {
    return this.#nextConnectionId++ as ConnectionId;
  }

  /**
   * What an origin speaks, asked of it where it is not known: a client is offered HTTP/2 exactly when its origin speaks it.
   * @returns a function that gives up waiting
   */
  protocolOf(origin: Omit<DialTarget, "alpn">, callback: (protocol: "h2" | "http/1.1") => void): () => void {
    const target = { ...origin, alpn: BOTH_PROTOCOLS };
    const known = this.#spoken.get(authorityKey(target));
    if (known !== undefined) {
      callback(known);
      return () => {};
    }
    return this.#dial(target, poolKey(target), (error, made) => {
      // An origin that can't be reached is told of in the answer to a request; either protocol carries it.
      if (error !== undefined || made === undefined) callback("http/1.1");
      else {
        this.#unpaid.set(made.connection, made.dial);
        if (made.connection instanceof Http1OriginConnection) this.idle(made.connection);
        callback(made.connection instanceof Http1OriginConnection ? "http/1.1" : "h2");
      }
    });
  }

  /**
   * @param client the connection that it is for: one that authenticated its own at the origin gets that again
   * @returns a function that gives up waiting; the callback is then not called. It may be called at once.
   */
  lease(target: DialTarget, client: object, callback: LeaseCallback): () => void {
    const key = poolKey(target);
    const shared = this.#http2.get(key)?.find((connection) => connection.canOpen);
    if (shared !== undefined) {
      callback(undefined, { end: shared.lease(), dial: this.#takeUnpaid(shared) });
      return () => {};
    }
    const pooled = this.#takeIdle(key, client);
    if (pooled === undefined) return this.#leaseNew(target, key, client, callback);
    pooled.client = client;
    const dialled = this.#takeUnpaid(pooled);
    if (performance.now() - pooled.idleSince < TRUSTED_IDLE_MS) {
      callback(undefined, { end: pooled, dial: dialled });
      return () => {};
    }
    return this.#leaseAfterLook(pooled, dialled, target, client, callback);
  }

  #leaseNew(target: DialTarget, key: string, client: object, callback: LeaseCallback): () => void {
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) return this.#leaseAfterOther(waiting, target, client, callback);
    const mayBeShared = target.alpn.includes("h2") && this.#spoken.get(authorityKey(target)) !== "http/1.1";
    if (mayBeShared) this.#waiting.set(key, []);
    const settle = (): void => {
      const others = this.#waiting.get(key) ?? [];
      this.#waiting.delete(key);
      for (const resume of others) resume();
    };
    const cancel = this.#dial(target, key, (error, made) => {
      if (made === undefined) callback(error);
      else {
        const end =
          made.connection instanceof Http1OriginConnection ? made.connection : made.connection.lease();
        if (end instanceof Http1OriginConnection) end.client = client;
        callback(undefined, { end, dial: made.dial });
      }
      if (mayBeShared) settle();
    });
    return () => {
      cancel();
      if (mayBeShared) settle();
    };
  }

  /** Someone else is dialling what may be shared: then there is one connection for all, or each dials its own. */
  #leaseAfterOther(
    waiting: (() => void)[],
    target: DialTarget,
    client: object,
    callback: LeaseCallback,
  ): () => void {
    let cancel = (): void => {
      const index = waiting.indexOf(resume);
      if (index !== -1) waiting.splice(index, 1);
    };
    const resume = (): void => {
      cancel = this.lease(target, client, callback);
    };
    waiting.push(resume);
    return () => cancel();
  }

  /**
   * The origin may have ended the connection while it waited, and the news lie unread in the kernel. One turn of the
   * event loop reads it; so a request is never written to a connection that had died unused, and never sent twice.
   */
  #leaseAfterLook(
    pooled: Http1OriginConnection,
    dialled: DialTimes | undefined,
    target: DialTarget,
    client: object,
    callback: LeaseCallback,
  ): () => void {
    let cancel = () => {
      clearImmediate(look);
      this.idle(pooled);
    };
    const look = setImmediate(() => {
      cancel = () => {};
      if (pooled.alive) callback(undefined, { end: pooled, dial: dialled });
      else cancel = this.lease(target, client, callback);
    });
    return () => cancel();
  }

  #takeUnpaid(connection: object): DialTimes | undefined {
    const times = this.#unpaid.get(connection);
    if (times !== undefined) this.#unpaid.delete(connection);
    return times;
  }

  idle(connection: Http1OriginConnection): void {
    const key = this.#keys.get(connection);
    if (key === undefined || this.#closed) {
      connection.abort();
      return;
    }
    if (connection.bound) this.#someBound = true;
    const waiting = this.#idle.get(key);
    if (waiting === undefined) this.#idle.set(key, [connection]);
    else waiting.push(connection);
    this.#idleCount++;
    if ((waiting?.length ?? 1) > MAX_IDLE_PER_AUTHORITY || this.#idleCount > MAX_IDLE) this.#dropOldest(key);
    this.#startReaper();
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
    for (const connection of [...this.#http2Keys.keys()]) connection.destroy();
  }

  #takeIdle(key: string, client: object): Http1OriginConnection | undefined {
    const waiting = this.#idle.get(key);
    if (waiting === undefined) return undefined;
    // The one used last is the least likely to have been ended by the origin.
    for (let index = bestIdle(waiting, client); index !== -1; index = bestIdle(waiting, client)) {
      const [connection] = waiting.splice(index, 1);
      this.#idleCount--;
      if (waiting.length === 0) this.#idle.delete(key);
      if (connection!.alive) return connection;
      connection!.abort();
    }
    return undefined;
  }

  /** A client's connection has ended: so do those that were authenticated for it. */
  clientLeft(client: object): void {
    if (!this.#someBound) return;
    for (const waiting of [...this.#idle.values()]) {
      for (const connection of [...waiting]) {
        if (connection.bound && connection.client === client) connection.abort();
      }
    }
  }

  #dial(target: DialTarget, key: string, callback: DialledCallback): () => void {
    let cancel = dial(target, this.#options, (error, dialled) => {
      if (dialled !== undefined) {
        this.#remember(target, dialled);
        callback(undefined, { connection: this.#adopt(dialled, target, key), dial: dialled.times });
      } else if (error !== undefined && wantsHttp2(error, target)) {
        cancel = this.#dial({ ...target, alpn: ["h2"] }, key, callback);
      } else callback(error);
    });
    return () => cancel();
  }

  #adopt(dialled: Dialled, target: DialTarget, key: string): Http1OriginConnection | Http2OriginConnection {
    const endpoint: Omit<ServerEndpoint, "reused"> = {
      address: dialled.address,
      port: dialled.port,
      connectionId: this.newConnectionId(),
      tls: dialled.tls,
    };
    const priorKnowledge = target.scheme === "http" && target.alpn[0] === "h2";
    if (dialled.tls?.alpn === "h2" || priorKnowledge) {
      const connection = new Http2OriginConnection({
        ...dialled,
        scheme: target.scheme,
        endpoint,
        owner: this,
      });
      this.#http2Keys.set(connection, key);
      this.#http2.set(key, [...(this.#http2.get(key) ?? []), connection]);
      this.#startReaper();
      return connection;
    }
    const connection = new Http1OriginConnection({ ...dialled, endpoint, owner: this });
    this.#keys.set(connection, key);
    return connection;
  }

  #remember(target: DialTarget, dialled: Dialled): void {
    if (target.scheme === "http" || !target.alpn.includes("h2")) return;
    const key = authorityKey(target);
    this.#spoken.delete(key);
    this.#spoken.set(key, dialled.tls?.alpn === "h2" ? "h2" : "http/1.1");
    if (this.#spoken.size <= MAX_REMEMBERED) return;
    const oldest = this.#spoken.keys().next();
    if (!oldest.done) this.#spoken.delete(oldest.value);
  }

  /** A shared connection takes no more streams; those it has go on. */
  gone(connection: Http2OriginConnection): void {
    const key = this.#http2Keys.get(connection);
    if (key === undefined) return;
    this.#http2Keys.delete(connection);
    const left = (this.#http2.get(key) ?? []).filter((each) => each !== connection);
    if (left.length > 0) this.#http2.set(key, left);
    else this.#http2.delete(key);
  }

  #dropOldest(key: string): void {
    const waiting = this.#idle.get(key);
    waiting?.[0]?.abort();
  }

  #startReaper(): void {
    this.#reaper ??= setTimeout(() => this.#reap(), IDLE_TIMEOUT_MS / 2).unref();
  }

  #reap(): void {
    this.#reaper = undefined;
    const now = performance.now();
    for (const waiting of [...this.#idle.values()]) {
      for (const connection of [...waiting]) {
        if (connection.idleSince < now - IDLE_TIMEOUT_MS) connection.abort();
      }
    }
    for (const connection of [...this.#http2Keys.keys()]) {
      if (!connection.isIdle || connection.idleSince > now - HTTP2_IDLE_MS) continue;
      this.gone(connection);
      connection.close();
    }
    if (this.#idle.size > 0 || this.#http2Keys.size > 0) this.#startReaper();
  }
}

/** An origin that refuses HTTP/1.1 in ALPN (RFC 7301 section 3.2) may take HTTP/2, which is then translated. */
function wantsHttp2(error: DialError, target: DialTarget): boolean {
  return (
    error.code === "tls-failed" &&
    !target.alpn.includes("h2") &&
    /no.application.protocol/i.test(error.message)
  );
}

function authorityKey(target: DialTarget): string {
  return `${formatHost(target.host)}:${target.port}|${target.serverName ?? ""}`;
}

/** @returns the index of the connection to use: the client's own where there is one, none that is another's; or -1. */
function bestIdle(waiting: readonly Http1OriginConnection[], client: object): number {
  let shared = -1;
  for (let index = waiting.length - 1; index >= 0; index--) {
    const connection = waiting[index]!;
    if (connection.bound) {
      if (connection.client === client) return index;
    } else if (shared === -1) shared = index;
  }
  return shared;
}

const poolKeys = new WeakMap<DialTarget, string>();

/** Connections with the same key can stand for each other. Kept by target, which a client's connection uses again. */
function poolKey(target: DialTarget): string {
  const known = poolKeys.get(target);
  if (known !== undefined) return known;
  const { scheme, host, port, serverName, alpn } = target;
  const key = `${scheme}://${formatHost(host)}:${port}|${serverName ?? ""}|${alpn.join()}`;
  poolKeys.set(target, key);
  return key;
}
