// How long an origin may be silent before its response head.

export class ResponseTimer {
  readonly #ms: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number) {
    this.#ms = ms;
  }

  start(onSilence: (ms: number) => void): void {
    this.#timer = setTimeout(() => onSilence(this.#ms), this.#ms);
  }

  /** The silence begins anew, where one is waited for. */
  restart(): void {
    this.#timer?.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
