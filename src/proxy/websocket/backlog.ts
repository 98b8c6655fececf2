// How many bytes wait in memory for inflating, and who wants to know when it is less again.

const HIGH = 1024 * 1024;
const LOW = 256 * 1024;

export class Backlog {
  #bytes = 0;
  #behind = false;
  #waiting: (() => void)[] = [];

  /** True from the moment when more than 1 MiB waits until less than 256 KiB does. */
  get behind(): boolean {
    return this.#behind;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > HIGH) this.#behind = true;
  }

  remove(bytes: number): void {
    this.#bytes -= bytes;
    if (!this.#behind || this.#bytes > LOW) return;
    this.#behind = false;
    const callbacks = this.#waiting;
    this.#waiting = [];
    for (const callback of callbacks) callback();
  }

  /** Calls back once: when it is no longer behind, or at once if it is not. */
  onDrain(callback: () => void): void {
    if (this.#behind) this.#waiting.push(callback);
    else callback();
  }
}
