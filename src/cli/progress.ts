// How far long work is: one line on stderr that is rewritten in place, on a terminal only, and gone when it is done.
import { columnsOf } from "./print.js";

/** Work that ends before a person wonders shows nothing. */
const DELAY_MS = 400;
const INTERVAL_MS = 100;
const BAR = 24;

export class Progress {
  readonly #label: string;
  readonly #enabled: boolean;
  readonly #started = performance.now();
  #drawn = 0;
  #isShown = false;

  /** @param label what is being done: `indexing`. */
  constructor(label: string, stream: NodeJS.WriteStream = process.stderr) {
    this.#label = label;
    this.#enabled = stream.isTTY === true;
  }

  /** @param total undefined where it is not known. @param note what has been done, in words. */
  update(done: number, total: number | undefined, note: string): void {
    if (!this.#enabled) return;
    const now = performance.now();
    if (now - this.#started < DELAY_MS || now - this.#drawn < INTERVAL_MS) return;
    this.#drawn = now;
    this.#isShown = true;
    const text = `${this.#label} ${total === undefined ? "" : `${bar(done / total)} `}${note}`;
    process.stderr.write(`\r\u001b[K${text.slice(0, (columnsOf(process.stderr) ?? 80) - 1)}`);
  }

  end(): void {
    if (this.#isShown) process.stderr.write("\r\u001b[K");
    this.#isShown = false;
  }
}

function bar(share: number): string {
  const part = Math.max(0, Math.min(1, share));
  const filled = Math.round(part * BAR);
  return `${"█".repeat(filled)}${"░".repeat(BAR - filled)} ${String(Math.floor(part * 100)).padStart(3)}%`;
}
