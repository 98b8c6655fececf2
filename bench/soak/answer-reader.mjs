// Reads the responses of a bare HTTP/1.1 connection, one after another.
import { Answer } from "./answer.mjs";

/** @typedef {import("./tasks.mjs").Task} Task */

/** Splits a connection's bytes into responses with a Content-Length, which is what pipelined tasks ask for. */
export class AnswerReader {
  #bytes = Buffer.alloc(0);
  #at = 0;
  #left = -1;

  /** @param {readonly Task[]} tasks */
  constructor(tasks) {
    this.answers = tasks.map((task) => new Answer(task));
  }

  get state() {
    return `pipelined answer ${this.#at + 1} of ${this.answers.length}: ${this.answers[this.#at]?.state}`;
  }

  get done() {
    return this.#at === this.answers.length;
  }

  /** @param {Buffer} chunk */
  feed(chunk) {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    for (let answer = this.answers[this.#at]; answer !== undefined; answer = this.answers[this.#at]) {
      if (this.#left === -1) {
        const end = this.#bytes.indexOf("\r\n\r\n");
        if (end === -1) return;
        const head = this.#bytes.toString("latin1", 0, end);
        this.#bytes = this.#bytes.subarray(end + 4);
        const status = Number(head.slice(9, 12));
        if (status < 200) continue;
        const field = (/** @type {string} */ name) =>
          new RegExp(`\r\n${name}: *([^\r]*)`, "i").exec(head)?.[1];
        answer.begin(status, { "x-soak": field("x-soak"), "proxy-status": field("proxy-status") });
        this.#left = Number(field("content-length"));
      }
      const part = this.#bytes.subarray(0, this.#left);
      answer.feed(part);
      this.#left -= part.length;
      this.#bytes = this.#bytes.subarray(part.length);
      if (this.#left > 0) return;
      answer.ended = true;
      this.#left = -1;
      this.#at++;
    }
  }
}
