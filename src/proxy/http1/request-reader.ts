// Reads the requests of one connection: what can't be read is told of once, and a head may not take for ever.
import { parseRequestHead, type RequestHead } from "./head.js";
import { MalformedMessage } from "./malformed.js";
import { type MessageHandler, MessageReader } from "./message-reader.js";

/** From the first byte of a request to the end of its head (slow-loris); nginx and Node have the same. */
const HEAD_TIMEOUT_MS = 60_000;

export class RequestReader {
  readonly #reader: MessageReader<RequestHead>;
  readonly #onMalformed: (error: MalformedMessage) => void;
  #headTimer: NodeJS.Timeout | undefined;

  constructor(handler: MessageHandler<RequestHead>, onMalformed: (error: MalformedMessage) => void) {
    this.#reader = new MessageReader(parseRequestHead, handler, { bareLineFeeds: false });
    this.#onMalformed = onMalformed;
  }

  /** Bytes that were received and not yet handed on. */
  get restLength(): number {
    return this.#reader.restLength;
  }

  /** @returns false when it was malformed, which has been told */
  feed(chunk: Buffer): boolean {
    try {
      this.#reader.feed(chunk);
      return true;
    } catch (error) {
      return this.#refuse(error);
    }
  }

  /** Goes on to the next request. @returns false when it was malformed, which has been told */
  next(): boolean {
    try {
      this.#reader.next();
      return true;
    } catch (error) {
      return this.#refuse(error);
    }
  }

  /** After each read. @param idle no exchange is under way: a head that has begun is being waited for */
  limitHead(idle: boolean): void {
    if (!idle || !this.#reader.midHead) this.stopTimer();
    else this.#headTimer ??= setTimeout(() => this.#headTimedOut(), HEAD_TIMEOUT_MS);
  }

  stopTimer(): void {
    clearTimeout(this.#headTimer);
    this.#headTimer = undefined;
  }

  /** The client ended its side. */
  endOfInput(): ReturnType<MessageReader<RequestHead>["endOfInput"]> {
    return this.#reader.endOfInput();
  }

  /** Ends the reading. @returns what was received and not handed on */
  takeRest(): Buffer {
    this.stopTimer();
    return this.#reader.takeRest();
  }

  #headTimedOut(): void {
    this.#refuse(new MalformedMessage(`its head did not come within ${HEAD_TIMEOUT_MS / 1000} s`, 408));
  }

  #refuse(error: unknown): false {
    if (!(error instanceof MalformedMessage)) throw error;
    this.stopTimer();
    this.#onMalformed(error);
    return false;
  }
}
