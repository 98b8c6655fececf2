// What every part of a running proxy shares.
import type { Socket } from "node:net";
import type { ClientEndpoint, TlsInfo } from "../exchange/exchange.js";
import { Capture, type CapturedRequest, type CaptureOptions } from "./capture.js";
import type { DialOptions } from "./dial.js";
import type { FlowServices } from "./exchange-flow/flow-services.js";
import type { FailOpenHosts } from "./fail-open.js";
import type { ProxyHooks } from "./hooks.js";
import type { PlainServer } from "./plain-server.js";
import type { CredentialCheck } from "./proxy-auth.js";
import type { Origin } from "./target.js";
import type { Upstream } from "./upstream.js";

export interface ProxyServices extends FlowServices {
  readonly upstream: Upstream;
  readonly dialOptions: DialOptions;
  /** Connections from clients, each with what ends it when it is idle and at once. */
  readonly clients: Set<ClientHandle>;
  /** Whether a host and port, as a client wrote them, are where the proxy listens. */
  isOwnName(host: string, port: number): boolean;
  /** Absent: everyone may use the proxy. */
  readonly checkCredentials: CredentialCheck | undefined;
  /** The origin that the port is to its clients (--mode reverse); absent: a proxy. */
  readonly reverse: Origin | undefined;
  /** The port is a server as well, and no origin is asked for anything before an intervention wants it; absent: a proxy. */
  readonly plain: PlainServer | undefined;
  /** Absent without --fail-open. */
  readonly failOpen: FailOpenHosts | undefined;
}

export interface ClientHandle {
  closeIfIdle(): boolean;
  destroy(): void;
}

/** The handle of a connection whose protocol is not known yet: it has nothing under way to wait for. */
export function handleOf(socket: Socket): ClientHandle {
  return {
    closeIfIdle: () => {
      socket.destroy();
      return true;
    },
    destroy: () => socket.destroy(),
  };
}

export function clientEndpoint(socket: Socket, tls: TlsInfo | null): ClientEndpoint {
  return { address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0, tls };
}

/**
 * @param make what is to watch, where it is more than a request and its response
 * @returns a capture where the hooks want the exchange, and whether they still have to see its response
 */
export function openCapture(
  hooks: ProxyHooks,
  client: ClientEndpoint,
  request: CapturedRequest,
  make: (options: CaptureOptions) => Capture = newCapture,
): { capture: Capture | undefined; undecided: boolean } {
  const selection = hooks.select({
    method: request.method,
    url: request.url,
    requestHeaders: request.headers,
  });
  if (selection === "skip") return { capture: undefined, undecided: false };
  const epochMs = Date.now();
  const capture = make({
    id: hooks.newId(epochMs),
    epochMs,
    recording: hooks.recording,
    client,
    request,
  });
  return { capture, undecided: selection === "later" };
}

function newCapture(options: CaptureOptions): Capture {
  return new Capture(options);
}
