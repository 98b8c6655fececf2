// After a 101 the connection is the application's: bytes pass untouched, observed on the way, but for the messages of a
// WebSocket that an intervention changes.
import type { ExchangeError } from "../exchange/exchange.js";
import type { Capture } from "./capture.js";
import type { DetachedConnection } from "./ends.js";
import type { WebSocketEditor } from "./intervene/web-socket-editor.js";
import { type RelayError, relay } from "./relay.js";
import { observeTunnel, type TunnelProtocol } from "./tunnel-observer.js";

export interface UpgradedTunnelOptions {
  readonly client: DetachedConnection;
  readonly origin: DetachedConnection;
  /** Absent where the exchange is not recorded. */
  readonly capture: Capture | undefined;
  /** Changes what passes; absent: nothing is changed. */
  readonly editor: WebSocketEditor | undefined;
  readonly protocol: TunnelProtocol;
  /** Both connections are over. */
  readonly onClose: () => void;
  /** And that is recorded. */
  readonly onRecorded: () => void;
}

/** @returns a function that ends the tunnel, as when trafficctl stops. */
export function openUpgradedTunnel(options: UpgradedTunnelOptions): () => void {
  const { capture, client, origin, editor } = options;
  const observer = capture === undefined ? undefined : observeTunnel(capture, options.protocol);
  let fault: ExchangeError | undefined;
  editor?.open({
    toOrigin: (bytes) => origin.socket.write(bytes),
    toClient: (bytes) => {
      client.socket.write(bytes);
      observer?.fromOrigin(bytes);
    },
    fail: (message) => {
      fault ??= { code: "websocket-malformed", message };
      client.socket.destroy();
      origin.socket.destroy();
    },
  });
  return relay(client, origin, {
    fromClient: (chunk) => observer?.fromClient(chunk),
    fromOrigin: (chunk) => observer?.fromOrigin(chunk),
    ...(editor === undefined ? {} : { editor }),
    get behind() {
      return observer?.behind ?? false;
    },
    onReady: (callback) => observer?.onReady(callback),
    closed: (failure) => {
      options.onClose();
      if (observer === undefined) options.onRecorded();
      else void observer.closed(fault ?? relayError(failure)).then(options.onRecorded);
    },
  });
}

/** What broke in a relay, as it is recorded. */
export function relayError(failure: RelayError | undefined): ExchangeError | undefined {
  if (failure === undefined) return undefined;
  return failure.side === "client"
    ? { code: "client-closed", message: `the client's connection broke: ${failure.message}` }
    : { code: "origin-reset", message: `the connection to the origin broke: ${failure.message}` };
}
