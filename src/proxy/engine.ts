// The listening proxy. http-mitm-proxy is the base: this class is a `Proxy`, so its hooks, its error channel and its
// life cycle are the library's; the path of the bytes is ours (shared reasons in docs/engine.md, measured in bench/).
import http from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type IProxyOptions, Proxy as MitmProxy } from "http-mitm-proxy";

/**
 * A client that is gone and could not say so (a machine that sleeps, a network that was left) is found by TCP's own probes, which
 * a peer's system answers without its program: unlike a limit on silence they never end what is only quiet, such as a long poll,
 * server-sent events or a WebSocket. libuv gives up after ten probes, a second apart, so they are rare.
 */
const PROBE_MS = 10 * 60_000;

export interface EngineOptions {
  readonly host: string;
  readonly port: number;
  /** Takes each connection from a client. */
  readonly accept: (socket: Socket) => void;
}

export class Engine extends MitmProxy {
  readonly #engine: EngineOptions;

  constructor(options: EngineOptions) {
    super();
    this.#engine = options;
  }

  /** @returns the port it listens on. @throws NodeJS.ErrnoException EADDRINUSE, EACCES, EADDRNOTAVAIL */
  start(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.listen({ host: this.#engine.host, port: this.#engine.port }, (error) => {
        if (error) reject(error);
        else resolve(this.httpPort);
      });
    });
  }

  /** The address that `host` stands for; undefined while it does not listen. */
  get address(): string | undefined {
    const address = this.httpServer?.address() ?? null;
    return typeof address === "object" ? address?.address : undefined;
  }

  /**
   * The library's `listen` first makes an RSA authority in a folder of its own, its key readable by all (80 to 400 ms,
   * `lib/ca.ts`), never reports a port that is taken (no `error` listener on the server), and parses each connection with
   * Node's HTTP parser, which loses the bytes. test/proxy/engine-base.test.ts pins all three.
   */
  override listen(options: IProxyOptions, callback: (error?: Error | null) => void = () => {}): this {
    this.options = options;
    this.httpHost = options.host ?? "127.0.0.1";
    this.httpPort = options.port ?? 0;
    const server = http.createServer({ keepAlive: true, keepAliveInitialDelay: PROBE_MS });
    this.httpServer = server;
    // Connections go to our reader instead of Node's HTTP parser.
    server.removeAllListeners("connection");
    server.on("connection", (socket) => {
      socket.setNoDelay(true);
      this.#engine.accept(socket);
    });
    server.once("error", callback);
    server.listen({ host: this.httpHost, port: this.httpPort }, () => {
      server.off("error", callback);
      server.on("error", (error) => this._onError("HTTP_SERVER_ERROR", null, error));
      const address = server.address();
      if (isAddressInfo(address)) this.httpPort = address.port;
      callback();
    });
    return this;
  }

  /** The library's `close` drops the server without waiting for it; this one resolves when the port is free. */
  stop(): Promise<void> {
    const server = this.httpServer;
    if (server === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      server.once("close", () => resolve());
      this.close();
    });
  }

  /** The library answers every error with a 504 page and writes to the console; ours have been answered by then. */
  override _onError(kind: string, context: null, error: Error): void {
    for (const handler of this.onErrorHandlers) handler(context, error, kind);
  }
}

function isAddressInfo(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === "object" && address !== null;
}
