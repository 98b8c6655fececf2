// Starts and stops the proxy: the engine that listens, the upstream that connects, and what they share.
import type { SecureContext } from "node:tls";
import { systemCode, TrafficError } from "../errors.js";
import { acceptConnection } from "./accept.js";
import type { DialOptions } from "./dial.js";
import { Engine } from "./engine.js";
import type { ExchangeFlow } from "./exchange-flow.js";
import { FailOpenHosts } from "./fail-open.js";
import type { ProxyHooks } from "./hooks.js";
import { isOwnAddress, isOwnName } from "./own-address.js";
import { PlainServer } from "./plain-server.js";
import { type Credentials, credentialCheck } from "./proxy-auth.js";
import type { ClientHandle, ProxyServices } from "./proxy-services.js";
import type { Origin } from "./target.js";
import { Upstream } from "./upstream.js";
import type { UpstreamProxies } from "./upstream-proxy/pass.js";

export interface ProxyOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** For connections to origins: roots, client certificate (proxy/roots). */
  readonly upstreamContext: SecureContext;
  /** False accepts any certificate of an origin. */
  readonly verifyOrigins: boolean;
  /** How long an origin may take to accept a connection, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** How long an origin may be silent before its response, in milliseconds. */
  readonly responseTimeoutMs: number;
  /** The proxies that connections to origins go through. */
  readonly upstreamProxies?: UpstreamProxies;
  /** Clients of the proxy have to give these. */
  readonly credentials?: Credentials;
  /** The port is this origin to its clients, and no proxy. */
  readonly reverse?: Origin;
  /** The intervention answers: the port is a plain server as well, and no origin is asked for anything before it is wanted. */
  readonly plainServer?: boolean;
  /** Hosts whose clients refuse our certificate are tunnelled from then on. */
  readonly failOpen?: boolean;
}

export interface RunningProxy {
  readonly host: string;
  readonly port: number;
  /** Exchanges that are under way. */
  readonly active: number;
  /** No new connections; exchanges under way get `graceMs`, then are cut off and recorded as stopped. */
  stop(graceMs: number): Promise<void>;
}

/** @throws TrafficError PORT_IN_USE, LISTEN_FAILED */
export async function startProxy(options: ProxyOptions, hooks: ProxyHooks): Promise<RunningProxy> {
  const flows = new Set<ExchangeFlow>();
  const tunnels = new Set<() => void>();
  const clients = new Set<ClientHandle>();
  let listening = { address: options.host, port: options.port };
  let plain: PlainServer | undefined;
  const dialOptions: DialOptions = {
    secureContext: options.upstreamContext,
    verify: options.verifyOrigins,
    timeoutMs: options.connectTimeoutMs,
    upstreamProxies: options.upstreamProxies,
    isOwnAddress: (address, port) => isOwnAddress(listening, address, port),
  };
  const upstream = new Upstream(dialOptions);
  const services: ProxyServices = {
    hooks,
    upstream,
    responseTimeoutMs: options.responseTimeoutMs,
    flows,
    tunnels,
    clients,
    dialOptions,
    isOwnName: (host, port) => isOwnName(listening, host, port),
    checkCredentials: options.credentials === undefined ? undefined : credentialCheck(options.credentials),
    reverse: options.reverse,
    get plain() {
      return plain;
    },
    failOpen: options.failOpen === true ? new FailOpenHosts() : undefined,
  };
  const engine = new Engine({
    host: options.host,
    port: options.port,
    accept: (socket) => acceptConnection(services, socket),
  });
  const port = await engine.start().catch((error: unknown) => {
    throw listenError(error, options);
  });
  listening = { address: engine.address ?? options.host, port };
  if (options.plainServer === true) plain = new PlainServer(listening);
  return {
    host: options.host,
    port,
    get active() {
      return flows.size + tunnels.size;
    },
    async stop(graceMs) {
      const freed = engine.stop();
      for (const client of [...clients]) client.closeIfIdle();
      await drained(() => flows.size + tunnels.size === 0, graceMs);
      for (const flow of [...flows]) flow.stop();
      for (const end of [...tunnels]) end();
      // They are recorded when both their sockets have closed.
      await drained(() => tunnels.size === 0, 1_000);
      for (const client of [...clients]) client.destroy();
      upstream.destroy();
      await freed;
    },
  };
}

/** Waits until `done` holds, for `limitMs` at most. */
async function drained(done: () => boolean, limitMs: number): Promise<void> {
  const limit = performance.now() + limitMs;
  while (!done() && performance.now() < limit) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function listenError(error: unknown, options: { host: string; port: number }): TrafficError {
  const place = `${options.host}:${options.port}`;
  switch (systemCode(error)) {
    case "EADDRINUSE":
      return new TrafficError("PORT_IN_USE", `port ${options.port} is already in use on ${options.host}`, {
        hint: "choose another one with --port, or let the system choose a free one with --port 0",
        cause: error,
      });
    case "EACCES":
      return new TrafficError("LISTEN_FAILED", `listening on ${place} is not permitted`, {
        hint: "ports below 1024 need special rights; choose another one with --port",
        cause: error,
      });
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new TrafficError("LISTEN_FAILED", `${options.host} is no address of this machine`, {
        hint: "use --host 127.0.0.1 (the default), or an address that this machine has",
        cause: error,
      });
    default:
      return new TrafficError("LISTEN_FAILED", `could not listen on ${place}`, { cause: error });
  }
}
