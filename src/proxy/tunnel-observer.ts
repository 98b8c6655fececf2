// Watches the bytes of a connection or stream that has become the application's: after a 101, or after a 2xx to an
// extended CONNECT. WebSocket messages are recorded as they pass; of anything else the bytes are counted.
import type { ExchangeError, WebSocketClose } from "../exchange/exchange.js";
import type { Capture } from "./capture.js";
import { WebSocketWatcher } from "./websocket/watcher.js";

export interface TunnelObserver {
  fromClient(chunk: Buffer): void;
  fromOrigin(chunk: Buffer): void;
  /** What was observed waits to be recorded: stop reading until `onReady` calls back. */
  readonly behind: boolean;
  onReady(callback: () => void): void;
  /**
   * Both sides are over.
   * @param error what broke, where something did
   * @returns when the exchange is with the recording; never rejects
   */
  closed(error: ExchangeError | undefined): Promise<void>;
}

export interface TunnelProtocol {
  readonly isWebSocket: boolean;
  /** Sec-WebSocket-Extensions of the response, several joined by ", ". */
  readonly extensions: string | undefined;
}

/** @param capture of the exchange whose response began the tunnel; it is finished here */
export function observeTunnel(capture: Capture, { isWebSocket, extensions }: TunnelProtocol): TunnelObserver {
  return isWebSocket ? new WebSocketObserver(capture, extensions) : new ByteCounter(capture);
}

class WebSocketObserver implements TunnelObserver {
  readonly #capture: Capture;
  readonly #watcher: WebSocketWatcher;

  constructor(capture: Capture, extensions: string | undefined) {
    this.#capture = capture;
    this.#watcher = new WebSocketWatcher({ exchange: capture.id, recording: capture.recording, extensions });
    capture.webSocketOpened();
  }

  get behind(): boolean {
    return this.#watcher.behind || this.#capture.recording.behind;
  }

  onReady(callback: () => void): void {
    if (this.#watcher.behind) this.#watcher.onDrain(callback);
    else this.#capture.recording.onDrain(callback);
  }

  fromClient(chunk: Buffer): void {
    this.#watcher.fromClient(chunk);
  }

  fromOrigin(chunk: Buffer): void {
    this.#watcher.fromServer(chunk);
  }

  async closed(error: ExchangeError | undefined): Promise<void> {
    const { messageCount, close, malformed } = await this.#watcher.end();
    this.#capture.finishWebSocket(messageCount, close, webSocketError(malformed, close, error));
  }
}

class ByteCounter implements TunnelObserver {
  readonly behind = false;
  readonly #capture: Capture;
  #bytesSent = 0;
  #bytesReceived = 0;

  constructor(capture: Capture) {
    this.#capture = capture;
  }

  onReady(callback: () => void): void {
    callback();
  }

  fromClient(chunk: Buffer): void {
    this.#bytesSent += chunk.length;
  }

  fromOrigin(chunk: Buffer): void {
    this.#bytesReceived += chunk.length;
  }

  closed(error: ExchangeError | undefined): Promise<void> {
    const counted = { bytesSent: this.#bytesSent, bytesReceived: this.#bytesReceived };
    this.#capture.finishTunnel({ ...counted, reason: "upgrade" }, error);
    return Promise.resolve();
  }
}

function webSocketError(
  malformed: string | undefined,
  close: WebSocketClose | undefined,
  error: ExchangeError | undefined,
): ExchangeError | undefined {
  if (malformed !== undefined) return { code: "websocket-malformed", message: malformed };
  // After a close frame, how the connection below ends is of no interest.
  return close === undefined ? error : undefined;
}
