// After a 101 the connection is the application's: bytes pass untouched, and WebSocket messages are recorded on the way.
import type { ExchangeError, WebSocketClose } from "../exchange/exchange.js";
import type { Capture } from "./capture.js";
import type { DetachedConnection } from "./ends.js";
import { type RelayError, relay } from "./relay.js";
import { WebSocketWatcher } from "./websocket/watcher.js";

export interface UpgradedTunnelOptions {
  readonly client: DetachedConnection;
  readonly origin: DetachedConnection;
  readonly capture: Capture | undefined;
  /** The Upgrade was to WebSocket; anything else is counted as a tunnel. */
  readonly isWebSocket: boolean;
  /** Sec-WebSocket-Extensions of the 101. */
  readonly extensions: string | undefined;
  readonly onClose: () => void;
}

/** @returns a function that ends the tunnel, as when trafficctl stops. */
export function openUpgradedTunnel(options: UpgradedTunnelOptions): () => void {
  const { capture } = options;
  if (capture !== undefined && options.isWebSocket) return openWatched(options, capture);
  return openCounted(options);
}

function openWatched(options: UpgradedTunnelOptions, capture: Capture): () => void {
  const watcher = new WebSocketWatcher({
    exchange: capture.id,
    recording: capture.recording,
    extensions: options.extensions,
  });
  capture.webSocketOpened();
  return relay(options.client, options.origin, {
    fromClient: (chunk) => watcher.fromClient(chunk),
    fromOrigin: (chunk) => watcher.fromServer(chunk),
    get behind() {
      return watcher.behind || capture.recording.behind;
    },
    onReady: (callback) => (watcher.behind ? watcher.onDrain(callback) : capture.recording.onDrain(callback)),
    closed: (failure) => {
      options.onClose();
      void watcher.end().then((outcome) => {
        capture.finishWebSocket(
          outcome.messageCount,
          outcome.close,
          webSocketError(outcome.malformed, outcome.close, failure),
        );
      });
    },
  });
}

function openCounted(options: UpgradedTunnelOptions): () => void {
  let bytesSent = 0;
  let bytesReceived = 0;
  return relay(options.client, options.origin, {
    fromClient: (chunk) => {
      bytesSent += chunk.length;
    },
    fromOrigin: (chunk) => {
      bytesReceived += chunk.length;
    },
    behind: false,
    onReady: () => {},
    closed: (failure) => {
      options.onClose();
      options.capture?.finishTunnel({ bytesSent, bytesReceived, reason: "upgrade" }, relayError(failure));
    },
  });
}

function webSocketError(
  malformed: string | undefined,
  close: WebSocketClose | undefined,
  failure: RelayError | undefined,
): ExchangeError | undefined {
  if (malformed !== undefined) return { code: "websocket-malformed", message: malformed };
  // After the close frames, how the TCP connection ends is of no interest.
  return close === undefined ? relayError(failure) : undefined;
}

/** What broke in a relay, as it is recorded. */
export function relayError(failure: RelayError | undefined): ExchangeError | undefined {
  if (failure === undefined) return undefined;
  return failure.side === "client"
    ? { code: "client-closed", message: `the client's connection broke: ${failure.message}` }
    : { code: "origin-reset", message: `the connection to the origin broke: ${failure.message}` };
}
