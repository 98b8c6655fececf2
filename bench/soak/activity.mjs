// One thing that a client of the soak does: what it waits for at the moment, and when it has to be over. Nothing is waited for
// but through this, so that an activity that hangs ends, with its name and with what it was waiting for.
import { setMaxListeners } from "node:events";

/** Longer than the patience of each client: what takes it is a defect of the soak or of the proxy. */
const LIMIT_MS = 90_000;
const MAX_SHOWN = 3;

export class Activity {
  #limit = new AbortController();
  #timer;
  #start = performance.now();
  /** What it waits for, each a function that says it as it is now. @type {Set<() => string>} */
  #waits = new Set();
  /** @type {Set<import("node:net").Socket>} */
  #sockets = new Set();

  /**
   * @param {string} name
   * @param {number} [limitMs]
   */
  constructor(name, limitMs = LIMIT_MS) {
    this.name = name;
    // As many as it has requests under way.
    setMaxListeners(0, this.signal);
    this.#timer = setTimeout(() => {
      this.#limit.abort();
      for (const socket of this.#sockets) socket.destroy();
    }, limitMs);
  }

  /** Aborted when its time is over. */
  get signal() {
    return this.#limit.signal;
  }

  /** What it waits for, in a sentence. */
  get state() {
    const seconds = ((performance.now() - this.#start) / 1000).toFixed(0);
    const waits = [...this.#waits].map((describe) => describe());
    const shown = waits.slice(0, MAX_SHOWN).join("; ") || "nothing that it named";
    return `${this.name}: after ${seconds} s it waits for ${shown}${waits.length > MAX_SHOWN ? "; ..." : ""}`;
  }

  /**
   * Waits, but not for longer than the activity may take.
   * @template T
   * @param {() => string} describe what is waited for; asked when it is too late
   * @param {Promise<T>} promise
   * @returns {Promise<T>}
   */
  waitFor(describe, promise) {
    return new Promise((resolve, reject) => {
      const settle = () => {
        this.#waits.delete(describe);
        this.signal.removeEventListener("abort", onAbort);
      };
      const onAbort = () => {
        reject(new Error(this.state));
        settle();
      };
      this.#waits.add(describe);
      this.signal.addEventListener("abort", onAbort);
      promise.finally(settle).then(resolve, reject);
    });
  }

  /**
   * The socket goes when the activity takes too long: nothing of it may pass for something that the proxy left.
   * @param {import("node:net").Socket} socket
   */
  closeWhenTooLate(socket) {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
  }

  over() {
    clearTimeout(this.#timer);
  }
}
