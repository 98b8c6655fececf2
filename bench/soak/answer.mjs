// Reads a response to its end, fast or slowly, and says what it was; the same for node:http and node:http2.
import { PatternCheck } from "./pattern.mjs";

/** A client gives up then: far more than anything the soak asks for takes. */
export const PATIENCE_MS = 45_000;

export class Answer {
  /** @type {import("./tasks.mjs").Task} */
  #task;
  #check;
  #soak = "";
  status = 0;
  /** The response's end came. */
  ended = false;
  /** An error came, maybe after what looked like an end: Node ends a close-delimited body at a reset, too. */
  broken = false;
  /** @type {string} */
  error = "";
  /** @type {number | undefined} */
  resetCode;

  /** @param {import("./tasks.mjs").Task} task */
  constructor(task) {
    this.#task = task;
    this.#check = new PatternCheck(task.id);
  }

  /**
   * @param {number} status
   * @param {Record<string, unknown>} headers
   */
  begin(status, headers) {
    this.status = status;
    this.#soak = String(headers["x-soak"] ?? "");
    if (status === 502 || status === 504) this.#soak = headers["proxy-status"] === undefined ? "" : "gateway";
  }

  /** @param {Buffer} chunk */
  feed(chunk) {
    if (this.status === 200) this.#check.feed(chunk);
    else this.error = chunk.toString("latin1").slice(0, 200).trim();
  }

  /** For whoever looks into one that does not come. */
  get state() {
    const { id, kind, length } = this.#task;
    const { status, ended, broken, error } = this;
    const came = `${this.#check.length} of ${length} bytes${this.#check.intact ? "" : ", not intact"}`;
    return `${kind} #${id}: status ${status}, ${came}, ${ended ? "ended" : "not ended"}${broken ? ", broken" : ""} ${error}`;
  }

  /** Every byte came, whatever came after them. */
  get isWhole() {
    return this.#check.intact && this.#check.length === this.#task.length;
  }

  /** @returns {import("./ledger.mjs").Outcome} */
  get outcome() {
    const complete = this.ended && !this.broken;
    if (this.status === 0) return "refused";
    if (this.#soak === "gateway") return complete ? "gateway" : "cut";
    if (this.status !== 200 || this.#soak !== String(this.#task.id) || !this.#check.intact) return "wrong";
    if (!complete) return "cut";
    if (this.isWhole) return "whole";
    return this.#check.length < this.#task.length ? "short" : "wrong";
  }

  /** @param {import("./ledger.mjs").Ledger} ledger */
  enter(ledger, via = "") {
    const { id, kind, expected, resetCode, method } = this.#task;
    const { outcome, status } = this;
    const length = this.#check.length;
    const entry = { kind: `${via} ${kind}`, outcome, status, length, mayRepeat: method === "GET" };
    ledger.add(id, entry, expected, this.state);
    const wrongCode = resetCode !== undefined && outcome !== "wrong" && this.resetCode !== resetCode;
    if (wrongCode)
      ledger.fail(`${via} ${kind} #${id}: reset with ${this.resetCode}, the origin sent ${resetCode}`);
  }
}

/**
 * Reads a stream, with pauses where it is slow, until it ends or breaks.
 * @param {import("node:stream").Readable} stream
 * @param {Answer} answer
 * @param {number} pauseMs after every chunk
 * @returns {Promise<void>}
 */
export function readAnswer(stream, answer, pauseMs) {
  return new Promise((resolve) => {
    stream.on("data", (/** @type {Buffer} */ chunk) => {
      answer.feed(chunk);
      if (pauseMs === 0) return;
      stream.pause();
      setTimeout(() => stream.resume(), pauseMs);
    });
    stream.on("end", () => {
      answer.ended = true;
    });
    stream.on("error", (error) => {
      answer.error ||= error.message;
      answer.broken = true;
    });
    stream.on("close", () => resolve());
  });
}
