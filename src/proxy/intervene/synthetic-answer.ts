// An answer of ours on its way to the client, where an origin's response would be.
import type { OutgoingRequest, OutgoingResponse } from "../ends.js";
import type { SyntheticResponse } from "../intervention.js";
import { syntheticHead } from "./changed-response.js";
import { checkedFields } from "./checked-fields.js";
import type { ResponsePassage, ResponseSource } from "./response-passage.js";

export class SyntheticAnswer implements ResponseSource {
  readonly #answer: SyntheticResponse;
  readonly #head: OutgoingResponse;
  readonly #onFailed: (error: unknown) => void;
  #paused = false;
  #stopped = false;
  #wake: (() => void) | undefined;

  /**
   * @param closes the connection can't serve another request after this
   * @param onFailed the body could not be read to its end
   * @throws UnsendableError
   */
  constructor(
    request: OutgoingRequest,
    answer: SyntheticResponse,
    closes: boolean,
    onFailed: (error: unknown) => void,
  ) {
    this.#answer = answer;
    this.#head = syntheticHead(request, answer, closes);
    this.#onFailed = onFailed;
  }

  start(passage: ResponsePassage): void {
    const { body, throttle } = this.#answer;
    passage.begin(this.#head, throttle?.down);
    if (Buffer.isBuffer(body)) {
      if (this.#head.framing.kind !== "none" && body.length > 0) passage.body(body, [body]);
      this.#end(passage);
    } else if (this.#head.framing.kind === "none") {
      this.#end(passage);
      void body[Symbol.asyncIterator]()
        .return?.()
        .catch(() => {});
    } else {
      // The first piece may be long in coming.
      passage.flush();
      void this.#pump(body, passage);
    }
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#wake?.();
  }

  /** Nobody wants the rest. */
  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  async #pump(body: AsyncIterable<Buffer>, passage: ResponsePassage): Promise<void> {
    const { framing } = this.#head;
    let left = framing.kind === "length" ? framing.length : Number.POSITIVE_INFINITY;
    try {
      // The loop's end, by whatever way, tells the iterator that no more is wanted.
      for await (const piece of body) {
        if (this.#stopped) return;
        const fitting = piece.length <= left ? piece : piece.subarray(0, left);
        left -= fitting.length;
        passage.body(fitting, [fitting]);
        passage.flush();
        if (left === 0) break;
        await this.#unpaused();
        if (this.#stopped) return;
      }
    } catch (error) {
      if (!this.#stopped) this.#onFailed(error);
      return;
    }
    if (this.#stopped) return;
    if (left > 0 && framing.kind === "length")
      this.#onFailed(new Error(`its body ended ${left} bytes early`));
    else this.#end(passage);
  }

  #end(passage: ResponsePassage): void {
    passage.end(checkedFields(this.#answer.trailers ?? []));
    // What follows of the request is not waited for.
    if (this.#head.closes) passage.failed({ kind: "closed", message: "the answer ended the connection" });
    else passage.flush();
  }

  #unpaused(): Promise<void> | undefined {
    if (!this.#paused || this.#stopped) return undefined;
    return new Promise((resolve) => {
      this.#wake = () => {
        if (!this.#paused || this.#stopped) resolve();
      };
    });
  }
}
