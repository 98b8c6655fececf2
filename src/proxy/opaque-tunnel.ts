// A connection that is passed through as it is: a host that is not to be decrypted, or a protocol that is not HTTP.
import type { ExchangeError, TunnelExchange } from "../exchange/exchange.js";
import type { ConnectionId } from "../exchange/id.js";
import type { Capture } from "./capture.js";
import { type DialError, type Dialled, dial } from "./dial.js";
import type { DetachedConnection } from "./ends.js";
import type { ProxyServices } from "./proxy-services.js";
import { relay } from "./relay.js";
import { relayError } from "./upgraded-tunnel.js";

/** @returns a function that gives up. */
export function dialPlain(
  services: ProxyServices,
  to: { host: string; port: number },
  callback: (error: DialError | undefined, dialled?: Dialled) => void,
): () => void {
  return dial({ scheme: "http", ...to, serverName: undefined, alpn: [] }, services.dialOptions, callback);
}

/** Joins a client's connection and one to the origin, and records the tunnel when both are over. */
export function openOpaqueTunnel(
  services: ProxyServices,
  client: DetachedConnection,
  origin: DetachedConnection,
  capture: Capture | undefined,
  reason: TunnelExchange["reason"],
): void {
  let bytesSent = 0;
  let bytesReceived = 0;
  const end = relay(client, origin, {
    fromClient: (chunk) => {
      bytesSent += chunk.length;
    },
    fromOrigin: (chunk) => {
      bytesReceived += chunk.length;
    },
    behind: false,
    onReady: () => {},
    closed: (failure) => {
      services.tunnels.delete(end);
      capture?.finishTunnel({ bytesSent, bytesReceived, reason }, relayError(failure));
    },
  });
  services.tunnels.add(end);
}

export function tunnelConnected(capture: Capture | undefined, dialled: Dialled, id: ConnectionId): void {
  const endpoint = {
    address: dialled.address,
    port: dialled.port,
    connectionId: id,
    reused: false,
    tls: null,
  };
  capture?.connected(endpoint, dialled.times);
}

export function tunnelFailed(
  capture: Capture | undefined,
  error: ExchangeError,
  reason: TunnelExchange["reason"],
): void {
  capture?.finishTunnel({ bytesSent: 0, bytesReceived: 0, reason }, error);
}
