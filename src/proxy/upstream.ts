// Connections to origins: dialled when needed, kept alive and pooled by authority in between.
import type { ServerEndpoint } from "../exchange/exchange.js";
import type { ConnectionId } from "../exchange/id.js";
import { type DialError, type Dialled, type DialOptions, type DialTarget, dial } from "./dial.js";
import type { OriginEnd } from "./ends.js";
import type { DialTimes } from "./exchange-clock.js";
import { Http1Pool } from "./http1/idle-pool.js";
import { Http1OriginConnection } from "./http1/origin-connection.js";
import { Http2OriginConnection } from "./http2/origin-connection.js";
import { Http2Pool } from "./http2/shared-pool.js";
import { SpokenProtocols } from "./spoken-protocols.js";
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

/** A connection idle for longer than this may have been ended already: look before writing. */
const TRUSTED_IDLE_MS = 2;

/** What ALPN chooses from for a client that speaks HTTP/2; one that does not gets HTTP/1.1 from the origin as well. */
export const BOTH_PROTOCOLS: readonly string[] = ["h2", "http/1.1"];
const REAP_MS = 2_000;

export class Upstream {
  readonly #options: DialOptions;
  readonly #http1 = new Http1Pool();
  /** Who waits for a connection that is being dialled and may turn out to be shared, by key. */
  readonly #waiting = new Map<string, (() => void)[]>();
  /** Who waits to know what an authority speaks, by key. */
  readonly #asking = new Map<string, ((protocol: "h2" | "http/1.1") => void)[]>();
  readonly #spoken = new SpokenProtocols();
  readonly #http2 = new Http2Pool((key, { offersExtendedConnect }) =>
    this.#spoken.setExtendedConnect(key, offersExtendedConnect),
  );
  /** Connections made ahead of their first exchange, which is the one that pays for them. */
  readonly #unpaid = new WeakMap<object, DialTimes>();
  #nextConnectionId = 1;
  #reaper: NodeJS.Timeout | undefined;

  constructor(options: DialOptions) {
    this.#options = options;
  }

  newConnectionId(): ConnectionId {
    return this.#nextConnectionId++ as ConnectionId;
  }

  /**
   * What an origin speaks, asked of it where it is not known: a client is offered HTTP/2 exactly when its origin speaks it.
   * Of one that does, `offersExtendedConnect` is then known as well.
   */
  protocolOf(origin: Omit<DialTarget, "alpn">, callback: (protocol: "h2" | "http/1.1") => void): void {
    const target = { ...origin, alpn: BOTH_PROTOCOLS };
    const key = poolKey(target);
    const known = this.#spoken.get(key);
    const asking = this.#asking.get(key);
    if (known !== undefined) callback(known === "http/1.1" ? known : "h2");
    else if (asking !== undefined) asking.push(callback);
    else {
      this.#asking.set(key, [callback]);
      this.#ask(target, key);
    }
  }

  /** One connection answers all who want to know at the same time. */
  #ask(target: DialTarget, key: string): void {
    this.#dial(target, key, (_error, made) => {
      if (made !== undefined) this.#unpaid.set(made.connection, made.dial);
      const answer = (protocol: "h2" | "http/1.1"): void => {
        const callbacks = this.#asking.get(key) ?? [];
        this.#asking.delete(key);
        for (const each of callbacks) each(protocol);
      };
      if (made?.connection instanceof Http2OriginConnection) {
        made.connection.whenSettled(() => answer("h2"));
        return;
      }
      // An origin that can't be reached is told of in the answer to a request; either protocol carries it.
      if (made !== undefined) this.#http1.idle(made.connection);
      answer("http/1.1");
    });
  }

  /** Whether an origin that speaks HTTP/2 offered the extended CONNECT of RFC 8441 when it last sent its SETTINGS. */
  offersExtendedConnect(target: DialTarget): boolean {
    return this.#spoken.offersExtendedConnect(poolKey(target));
  }

  /**
   * @param client the connection that it is for: one that authenticated its own at the origin gets that again
   * @returns a function that gives up waiting; the callback is then not called. It may be called at once.
   */
  lease(target: DialTarget, client: object, callback: LeaseCallback): () => void {
    const key = poolKey(target);
    const spoken = this.#spoken.get(key);
    if (target.alpn.includes("h2") || spoken === "only-h2") {
      const shared = this.#http2.find(key);
      if (shared !== undefined) {
        callback(undefined, { end: shared.lease(), dial: this.#takeUnpaid(shared) });
        return () => {};
      }
      if (spoken !== "http/1.1") return this.#leaseNew(target, key, client, callback);
    }
    const pooled = this.#http1.take(key, client);
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
    const spoken = this.#spoken.get(key);
    const mayBeShared = spoken === "only-h2" || (target.alpn.includes("h2") && spoken !== "http/1.1");
    const waiting = mayBeShared ? this.#waiting.get(key) : undefined;
    if (waiting !== undefined) return this.#leaseAfterOther(waiting, target, client, callback);
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
      this.#http1.idle(pooled);
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

  /** A client's connection has ended: so do those that were authenticated for it. */
  clientLeft(client: object): void {
    this.#http1.clientLeft(client);
  }

  /** Ends every connection. */
  destroy(): void {
    clearTimeout(this.#reaper);
    this.#http1.destroy();
    this.#http2.destroy();
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
    this.#startReaper();
    if (!isHttp2(dialled, target)) return this.#http1.add(key, { ...dialled, endpoint });
    return this.#http2.add(key, { ...dialled, scheme: target.scheme, endpoint });
  }

  #remember(target: DialTarget, dialled: Dialled): void {
    if (!target.alpn.includes("h2")) return;
    const refused = target.scheme === "https" && target.alpn.length === 1;
    const protocol = refused ? "only-h2" : isHttp2(dialled, target) ? "h2" : "http/1.1";
    this.#spoken.set(poolKey(target), protocol);
  }

  #startReaper(): void {
    this.#reaper ??= setTimeout(() => {
      this.#reaper = undefined;
      const now = performance.now();
      const [http1, http2] = [this.#http1.reap(now), this.#http2.reap(now)];
      if (http1 || http2 || this.#http1.size > 0) this.#startReaper();
    }, REAP_MS).unref();
  }
}

/** By ALPN; without TLS by prior knowledge (RFC 9113 section 3.3). */
function isHttp2(dialled: Dialled, target: DialTarget): boolean {
  if (target.scheme === "http") return target.alpn[0] === "h2";
  return dialled.tls?.alpn === "h2";
}

/** An origin that refuses HTTP/1.1 in ALPN (RFC 7301 section 3.2) may take HTTP/2, which is then translated. */
function wantsHttp2(error: DialError, target: DialTarget): boolean {
  return (
    error.code === "tls-failed" &&
    !target.alpn.includes("h2") &&
    /no.application.protocol/i.test(error.message)
  );
}

const poolKeys = new WeakMap<DialTarget, string>();

/** Connections with the same key, of one protocol, can stand for each other. Kept by target, which a client's connection uses again. */
function poolKey(target: DialTarget): string {
  const known = poolKeys.get(target);
  if (known !== undefined) return known;
  const { scheme, host, port, serverName } = target;
  const key = `${scheme}://${formatHost(host)}:${port}|${serverName ?? ""}`;
  poolKeys.set(target, key);
  return key;
}
