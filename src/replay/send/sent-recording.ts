// What was sent, as it is recorded: with the exchange that it replays, and without a client.
import type { Exchange, ExchangeError } from "../../exchange/exchange.js";
import type { ExchangeId } from "../../exchange/id.js";
import type { BodyWriter, BodyWriterOptions, Recording } from "../../exchange/recording.js";
import type { WebSocketMessage } from "../../exchange/websocket-message.js";

export interface SentRecordingOptions {
  readonly replays: ExchangeId | undefined;
  /** An error that is known better here than in the flow. */
  readonly errorOf: () => ExchangeError | undefined;
  readonly onFinished: (exchange: Exchange) => void;
}

export class SentRecording implements Recording {
  readonly #inner: Recording;
  readonly #options: SentRecordingOptions;

  constructor(inner: Recording, options: SentRecordingOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  get behind(): boolean {
    return this.#inner.behind;
  }

  onDrain(callback: () => void): void {
    this.#inner.onDrain(callback);
  }

  nextSeq(): number {
    return this.#inner.nextSeq();
  }

  openBody(options: BodyWriterOptions): BodyWriter {
    return this.#inner.openBody(options);
  }

  opened(exchange: Exchange): void {
    this.#inner.opened(this.#described(exchange));
  }

  message(message: WebSocketMessage): void {
    this.#inner.message(message);
  }

  finished(exchange: Exchange): void {
    const described = this.#described(exchange);
    this.#inner.finished(described);
    this.#options.onFinished(described);
  }

  #described(exchange: Exchange): Exchange {
    const { client: _nobody, ...rest } = exchange;
    const { replays } = this.#options;
    const error = this.#options.errorOf() ?? exchange.error;
    return {
      ...rest,
      ...(error === undefined ? {} : { error }),
      ...(replays === undefined ? {} : { replays }),
    };
  }
}
