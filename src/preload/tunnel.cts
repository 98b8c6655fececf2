// A socket that is connected once the proxy has answered its CONNECT (RFC 9110 section 9.3.6): to whoever uses it,
// it is a net.Socket that takes a little longer to connect.
import net = require("node:net");

import type { Options, ProxyAddress, Target } from "./types.cjs";

/** Far more than an answer to CONNECT needs; what is longer is no proxy. */
const MAX_REPLY_BYTES = 16_384;

/** @returns the proxy of an `http:` URL, or undefined for another scheme. @throws TypeError for what is no URL */
function parseProxy(url: string): ProxyAddress | undefined {
  const parsed = new URL(url.includes("://") ? url : `http://${url}`);
  if (parsed.protocol !== "http:") return undefined;
  const user = `${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`;
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, ""),
    port: Number(parsed.port || 80),
    authorization: user === ":" ? undefined : `Basic ${Buffer.from(user).toString("base64")}`,
  };
}

/** @returns the options among the arguments of net.connect or tls.connect: `(options)`, `(port, host?, options?)`. */
function connectOptions(args: readonly unknown[]): Options | undefined {
  const [first] = args;
  if (isOptions(first)) return first;
  const port = Number(first);
  if (first === "" || !Number.isInteger(port)) return undefined; // a path
  const options: Record<string, unknown> = { port };
  if (typeof args[1] === "string") options.host = args[1];
  return Object.assign(options, ...args.slice(1).filter(isOptions));
}

/** @returns where a connection with these options would go, or undefined: a pipe, or nothing a CONNECT can name. */
function targetOf(options: Options): Target | undefined {
  if (options.path) return undefined;
  const host = options.host || "localhost";
  const port = Number(options.port);
  if (typeof host !== "string" || !/^[\w.:%~-]+$/.test(host)) return undefined;
  return Number.isInteger(port) && port > 0 && port < 65_536 ? { host, port } : undefined;
}

/** @returns a socket on its way to `target` by way of `proxy`. Of the options, those of the socket itself apply. */
function openSocket(proxy: ProxyAddress, target: Target, options: Options): net.Socket {
  const socket = create(proxy, target, options);
  if (typeof options.timeout === "number") socket.setTimeout(options.timeout);
  return socket.connect(proxy.port, proxy.host);
}

/**
 * The same for tls.connect's `socket` option. It starts in the next tick: without a handle yet, TLS takes it for a
 * stream and reads through it; with one it would read from the handle itself, and take the proxy's answer for TLS.
 */
function openStream(proxy: ProxyAddress, target: Target, options: Options): net.Socket {
  const socket = create(proxy, target, options);
  process.nextTick(() => {
    if (!socket.destroyed) socket.connect(proxy.port, proxy.host);
  });
  return socket;
}

function create(proxy: ProxyAddress, target: Target, options: Options): Tunnel {
  const { allowHalfOpen, highWaterMark, signal } = options;
  const socketOptions: net.SocketConstructorOpts & { highWaterMark?: number } = {
    allowHalfOpen: allowHalfOpen === true,
    ...(typeof highWaterMark === "number" && { highWaterMark }),
    ...(signal instanceof AbortSignal && { signal }),
  };
  const socket = new Tunnel(socketOptions, connectRequest(proxy, target), `${target.host}:${target.port}`);
  // CONNECT, then the TLS hello, then a request: small writes that Nagle would hold back.
  return socket.setNoDelay(true);
}

class Tunnel extends net.Socket {
  readonly #request: string;
  readonly #authority: string;
  #stage: "tcp" | "asked" | "open" = "tcp";
  #reply: Buffer = Buffer.alloc(0);

  constructor(options: net.SocketConstructorOpts, request: string, authority: string) {
    super(options);
    this.#request = request;
    this.#authority = authority;
  }

  /** Holds `connect` and `ready` back, and with them every write, until the proxy has answered. */
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    if (this.#stage !== "open" && (event === "connect" || event === "ready")) {
      if (this.#stage === "tcp") this.#ask();
      return true;
    }
    return super.emit(event, ...args);
  }

  #ask(): void {
    this.#stage = "asked";
    // Past the streams' queues, where the program's own first write may be waiting for `connect`.
    this._write(this.#request, "latin1", (error) => {
      if (error) this.destroy(error);
    });
    this._read(0);
    Reflect.set(this, "connecting", true);
  }

  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    if (this.#stage !== "asked") return super.push(chunk, encoding);
    if (!Buffer.isBuffer(chunk)) return this.#fail("ECONNRESET", "the proxy closed the connection");
    this.#reply = Buffer.concat([this.#reply, chunk]);
    const end = this.#reply.indexOf("\r\n\r\n");
    if (end !== -1) return this.#answered(end + 4);
    return (
      this.#reply.length < MAX_REPLY_BYTES || this.#fail("ERR_PROXY_TUNNEL", "the proxy's answer has no end")
    );
  }

  #answered(end: number): boolean {
    const statusLine = this.#reply.toString("latin1", 0, this.#reply.indexOf("\r\n"));
    if (!/^HTTP\/1\.[01] 2\d\d/.test(statusLine)) {
      return this.#fail("ERR_PROXY_TUNNEL", `the proxy answered ${JSON.stringify(statusLine.slice(0, 200))}`);
    }
    const rest = this.#reply.subarray(end);
    this.#reply = Buffer.alloc(0);
    this.#stage = "open";
    Reflect.set(this, "connecting", false);
    this.emit("connect");
    this.emit("ready");
    return rest.length === 0 || this.destroyed || super.push(rest);
  }

  #fail(code: string, reason: string): false {
    // ERR_PROXY_TUNNEL is also what Node's own proxy support says.
    const error = new Error(`CONNECT ${this.#authority}: ${reason}`);
    this.destroy(Object.assign(error, { code, syscall: "connect" }));
    return false;
  }
}

function connectRequest(proxy: ProxyAddress, target: Target): string {
  const authority = `${target.host.includes(":") ? `[${target.host}]` : target.host}:${target.port}`;
  const authorization =
    proxy.authorization === undefined ? "" : `Proxy-Authorization: ${proxy.authorization}\r\n`;
  return `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${authorization}\r\n`;
}

function isOptions(value: unknown): value is Options {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export = { connectOptions, openSocket, openStream, parseProxy, targetOf };
