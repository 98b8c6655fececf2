// Counts the bytes that wait to be written, so that a slow disk slows the traffic instead of growing the process.

/** Above this many waiting bytes the proxy is asked to pause. */
const HIGH = 8 * 1024 * 1024;
/** Below this many it may go on; the gap keeps it from flapping. */
const LOW = 4 * 1024 * 1024;

export class Backlog {
  #bytes = 0;
  #callbacks: (() => void)[] = [];

  get behind(): boolean {
    return this.#bytes > HIGH;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  remove(bytes: number): void {
    this.#bytes -= bytes;
    if (this.#bytes <= LOW && this.#callbacks.length > 0) this.#drain();
  }

  /** Calls back once, when enough has been written; at once (in a microtask) when nothing holds it up. */
  onDrain(callback: () => void): void {
    if (this.behind) this.#callbacks.push(callback);
    else queueMicrotask(callback);
  }

  #drain(): void {
    const callbacks = this.#callbacks;
    this.#callbacks = [];
    for (const callback of callbacks) callback();
  }
}
