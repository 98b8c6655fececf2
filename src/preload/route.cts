// Which connections of this process go through the proxy, and how. Loaded at the first one that might.
import net = require("node:net");
import noProxy = require("./no-proxy.cjs");
import tunnel = require("./tunnel.cjs");

import type { Method, Options, ProxyAddress, Target } from "./types.cjs";

const plain = proxyOf(process.env.http_proxy || process.env.HTTP_PROXY);
const secure = proxyOf(process.env.https_proxy || process.env.HTTPS_PROXY);
const bypassed = noProxy.parse(process.env.no_proxy ?? process.env.NO_PROXY ?? "");

/** Where the HTTP client that is being called right now connects to; undefined: a new socket is nobody's we know. */
let expected: Target | undefined;

/** Calls `connect`, knowing that a connection it opens to where `args` (net.connect's) lead is an HTTP client's. */
function expecting(args: readonly unknown[], connect: () => unknown): unknown {
  const outer = expected;
  const options = tunnel.connectOptions(args);
  expected = options && tunnel.targetOf(options);
  try {
    return connect();
  } finally {
    expected = outer;
  }
}

/** The same for a connection that is opened after this call, in the same run of the event loop's current callback. */
function expectNow(options: Options): void {
  expected = tunnel.targetOf(options);
  // A connector of the program's own may open its connection later, or none.
  queueMicrotask(() => {
    expected = undefined;
  });
}

/** @returns a socket by way of the proxy, or undefined: open it as always. `args` are net.connect's. */
function openPlain(args: readonly unknown[]): net.Socket | undefined {
  const options = tunnel.connectOptions(args);
  const target = options && proxiedTarget(options);
  if (options === undefined || target === undefined || plain === undefined) return undefined;
  const socket = tunnel.openSocket(plain, target, options);
  const listener = listenerOf(args);
  if (listener !== undefined) socket.once("connect", () => Reflect.apply(listener, socket, []));
  return socket;
}

/** As openPlain, for a call of net.connect that is HTTP's only where one is expected. */
function openExpected(args: readonly unknown[]): net.Socket | undefined {
  const options = expected === undefined ? undefined : tunnel.connectOptions(args);
  return options !== undefined && isExpected(options) ? openPlain(args) : undefined;
}

/** As openPlain, for tls.connect: TLS is between the program and the target, inside of the tunnel. */
function openSecure(connect: Method, self: unknown, args: readonly unknown[]): unknown {
  const options = tunnel.connectOptions(args);
  if (options === undefined || options.socket || !isHttp(options)) return undefined;
  const target = proxiedTarget(options);
  if (target === undefined || secure === undefined) return undefined;
  const carrier = tunnel.openStream(secure, target, options);
  const listener = listenerOf(args);
  const socket = connect.call(self, { ...options, socket: carrier }, ...(listener ? [listener] : []));
  if (socket instanceof net.Socket) lendHandle(socket, carrier);
  return socket;
}

/**
 * A TLS connection that offers HTTP by ALPN is HTTP: fetch's, http2's, newer agents'. `_defaultAgent` is what
 * https.request leaves in the options of a request that brings its own createConnection (ws).
 */
function isHttp(options: Options): boolean {
  const protocols = options.ALPNProtocols;
  if (Array.isArray(protocols) && (protocols.includes("h2") || protocols.includes("http/1.1"))) return true;
  return isExpected(options) || options._defaultAgent !== undefined;
}

function isExpected(options: Options): boolean {
  const target = expected && tunnel.targetOf(options);
  return target !== undefined && target.host === expected?.host && target.port === expected.port;
}

function proxiedTarget(options: Options): Target | undefined {
  const target = tunnel.targetOf(options);
  if (target === undefined || bypassed(target.host, target.port)) return undefined;
  return isSame(target, plain) || isSame(target, secure) ? undefined : target;
}

/** Whether two addresses are one, as the names of this machine are. */
function isSame(target: Target, proxy: ProxyAddress | undefined): boolean {
  const isLocal = /^(localhost|127\.0\.0\.1|::1)$/i;
  if (proxy === undefined || target.port !== proxy.port) return false;
  return isLocal.test(target.host) ? isLocal.test(proxy.host) : target.host.toLowerCase() === proxy.host;
}

/**
 * A TLS socket over a stream has no handle of its own. Agents unref an idle one, so that it does not keep the process;
 * programs ask it for addresses.
 */
function lendHandle(socket: net.Socket, carrier: net.Socket): void {
  socket.ref = () => {
    carrier.ref();
    return socket;
  };
  socket.unref = () => {
    carrier.unref();
    return socket;
  };
  for (const name of ["remoteAddress", "remotePort", "remoteFamily", "localAddress", "localPort"] as const) {
    Object.defineProperty(socket, name, { configurable: true, get: () => carrier[name] });
  }
}

function listenerOf(args: readonly unknown[]): Method | undefined {
  const last = args[args.length - 1];
  return typeof last === "function" ? (...values) => Reflect.apply(last, undefined, values) : undefined;
}

function proxyOf(url: string | undefined): ProxyAddress | undefined {
  try {
    return url ? tunnel.parseProxy(url) : undefined;
  } catch {
    return undefined;
  }
}

export = { expecting, expectNow, openExpected, openPlain, openSecure };
