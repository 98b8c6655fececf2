// Loaded by NODE_OPTIONS=--require into every Node process of a captured command: its HTTP connections go to the
// proxy of http_proxy and https_proxy, which Node before 22.21 and 24.5 ignores (and later ones for agents that a
// program makes itself). HTTP clients open their connections at few places: an agent's createConnection, undici's
// connector (fetch, WebSocket, EventSource, the undici package), a request's own createConnection (ws), and
// http2.connect. There, and nowhere else, a connection takes its way through the proxy by CONNECT (route.cts).
// Runs in programs that are not ours: no output, no throw, no dependency, syntax that Node 16 reads. And in every one
// of them, most of which open no connection: what costs start-up time waits until it is needed (measured: tls takes
// 8 ms in Node 22 and 24, http 3 ms).
import diagnostics = require("node:diagnostics_channel");
import http = require("node:http");
import nodeModule = require("node:module");
import net = require("node:net");

import type { Method } from "./types.cjs";

let route: typeof import("./route.cjs") | undefined;
let tlsPatched = false;

try {
  const { http_proxy, HTTP_PROXY, https_proxy, HTTPS_PROXY } = process.env;
  if (http_proxy || HTTP_PROXY || https_proxy || HTTPS_PROXY) patch();
} catch {
  // A program runs as it would without us rather than not at all.
}

function patch(): void {
  replace(http.Agent.prototype, ["createConnection"], (original, self, args) => {
    const socket = proxiesByItself(self) ? undefined : loadRoute().openPlain(args);
    return socket ?? original.apply(self, args);
  });
  // Anybody's sockets, HTTP's among them: those of a client that is known to be connecting.
  replace(net, ["connect", "createConnection"], (original, self, args) => {
    return route?.openExpected(args) ?? original.apply(self, args);
  });
  replace(http, ["request"], (original, self, args) => {
    const given = args.find(hasCreateConnection);
    if (given === undefined) return original.apply(self, args);
    const watched = watchCreateConnection(given);
    return original.apply(self, args.map((arg) => (arg === given ? watched : arg))); // biome-ignore format: one line
  });
  // Published right before a client calls its connector: by undici since 4.7, that of Node and of npm alike.
  diagnostics.subscribe("undici:client:beforeConnect", (message) => {
    const params = property(message, "connectParams");
    const isSecure = property(params, "protocol") === "https:";
    if (isSecure) patchTls();
    const port = property(params, "port") || (isSecure ? 443 : 80);
    loadRoute().expectNow({ host: property(params, "hostname"), port });
  });
  watchForHttps();
  nodeModule.syncBuiltinESMExports();
}

function patchTls(): void {
  if (tlsPatched) return;
  tlsPatched = true;
  const tls: object = require("node:tls");
  replace(tls, ["connect"], (original, self, args) => {
    return loadRoute().openSecure(original, self, args) ?? original.apply(self, args);
  });
  // Not now: https may be in the middle of being loaded.
  queueMicrotask(() => nodeModule.syncBuiltinESMExports());
}

/** The module https ends its loading with its global agent, whose constructor calls this method it inherits. */
function watchForHttps(): void {
  const loaded: unknown = Reflect.get(process, "moduleLoadList");
  if (Array.isArray(loaded) && loaded.includes("NativeModule https")) {
    patchHttps(Reflect.get(require("node:https"), "globalAgent"));
    return;
  }
  const prototype = http.Agent.prototype;
  const inherited = prototype.on;
  const on: Method = function (this: unknown, ...args) {
    if (patchHttps(this)) Reflect.deleteProperty(prototype, "on");
    return Reflect.apply(inherited, this, args);
  };
  Object.defineProperty(prototype, "on", {
    value: on,
    configurable: true,
    writable: true,
    enumerable: false,
  });
}

/** @returns whether `agent` is one of https, whose class is then patched. */
function patchHttps(agent: unknown): boolean {
  let prototype: unknown = agent;
  while (isObject(prototype) && !Object.hasOwn(prototype, "_cacheSession"))
    prototype = Reflect.getPrototypeOf(prototype);
  if (!isObject(prototype)) return false;
  patchTls();
  // The original keeps the agent's TLS sessions and calls tls.connect.
  replace(prototype, ["createConnection"], (original, self, args) => {
    if (proxiesByItself(self)) return original.apply(self, args);
    return loadRoute().expecting(args, () => original.apply(self, args));
  });
  return true;
}

/** The request's options, with a createConnection that says what it is called for. */
function watchCreateConnection(given: { createConnection: Method }): object {
  const createConnection: Method = (...args) => {
    // Node 18 passes the path of the request's target here too, where a socket's would be that of a pipe.
    const options = { host: property(args[0], "host"), port: property(args[0], "port") };
    return loadRoute().expecting([options], () => given.createConnection.apply(given, args));
  };
  return Object.assign(Object.create(Reflect.getPrototypeOf(given)), given, { createConnection });
}

/** Node 22.21 and 24.5 on: an agent with the option proxyEnv, as the global ones with NODE_USE_ENV_PROXY. */
function proxiesByItself(agent: unknown): boolean {
  return Boolean(property(property(agent, "options"), "proxyEnv"));
}

function replace(
  owner: object,
  names: readonly [string, ...string[]],
  behaviour: (original: Method, self: unknown, args: unknown[]) => unknown,
): void {
  const original: unknown = Reflect.get(owner, names[0]);
  if (!isMethod(original)) return;
  const replacement: Method = function (this: unknown, ...args) {
    return behaviour(original, this, args);
  };
  Object.defineProperty(replacement, "name", { value: original.name });
  Object.defineProperty(replacement, "length", { value: original.length });
  for (const name of names) Reflect.set(owner, name, replacement);
}

function loadRoute(): typeof import("./route.cjs") {
  route ??= require("./route.cjs") as typeof import("./route.cjs");
  return route;
}

function hasCreateConnection(value: unknown): value is { createConnection: Method } {
  return isMethod(property(value, "createConnection"));
}

function property(value: unknown, name: string): unknown {
  return isObject(value) ? Reflect.get(value, name) : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isMethod(value: unknown): value is Method {
  return typeof value === "function";
}
