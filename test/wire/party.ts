// One party of a wire case: plays its script on a connection, and keeps what it received and how it ended.
import type { Socket } from "node:net";
import type { Ending, Step } from "./case.js";

/** Words that the parties of one run say to each other. */
export class Words {
  readonly #said = new Set<string>();
  #wake: (() => void)[] = [];

  say(word: string): void {
    this.#said.add(word);
    for (const wake of this.#wake.splice(0)) wake();
  }

  async hear(word: string): Promise<void> {
    while (!this.#said.has(word)) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }
}

export class Party {
  readonly #name: string;
  readonly #socket: Socket;
  /** The TCP socket below TLS, for a reset. */
  readonly #transport: Socket;
  #received = "";
  #consumed = 0;
  #step: Step | undefined;
  #wake: (() => void)[] = [];
  #abandoned = false;
  ending: Ending = "open";
  endingAwaited = false;

  constructor(name: string, socket: Socket, transport: Socket) {
    this.#name = name;
    this.#socket = socket;
    this.#transport = transport;
    socket.on("data", (chunk: Buffer) => {
      this.#received += chunk.toString("latin1");
      this.#news();
    });
    socket.on("end", () => this.#ended("end"));
    // EPIPE is how a write after a reset that was not read yet fails.
    socket.on("error", () => this.#ended("reset"));
    socket.on("close", () => this.#ended("end"));
    if (transport !== socket) transport.on("error", () => this.#ended("reset"));
  }

  /** Characters are bytes. */
  get received(): string {
    return this.#received;
  }

  /** What it does and what it had received: for the message of a run that does not go on. */
  describe(): string {
    const doing = this.#step === undefined ? "is done" : `is at ${JSON.stringify(this.#step).slice(0, 2000)}`;
    return `${this.#name} ${doing}, its connection ${this.ending}, after ${JSON.stringify(this.#received.slice(-2000))}`;
  }

  /** @throws Error when the connection ends while the script waits for bytes. */
  async play(script: readonly Step[], words: Words, expand: (bytes: string) => string): Promise<void> {
    for (const step of script) {
      this.#step = step;
      await this.#play(step, words, expand);
    }
    this.#step = undefined;
  }

  leave(): void {
    this.#abandoned = true;
    this.#socket.destroy();
    this.#transport.destroy();
    this.#news();
  }

  async #play(step: Step, words: Words, expand: (bytes: string) => string): Promise<void> {
    switch (step.do) {
      case "send":
        this.#socket.write(Buffer.from(expand(step.bytes), "latin1"));
        return;
      case "drip":
        for (const byte of Buffer.from(expand(step.bytes), "latin1")) await this.#writeAlone(byte);
        return;
      case "until":
        await this.#until(expand(step.bytes));
        return;
      case "to-end":
        this.endingAwaited = true;
        while (this.ending === "open") await this.#moreNews();
        return;
      case "end":
        this.#socket.end();
        return;
      case "reset":
        this.#transport.resetAndDestroy();
        return;
      case "close":
        this.#socket.destroy();
        this.#transport.destroy();
        return;
      case "say":
        words.say(step.word);
        return;
      case "hear":
        await words.hear(step.word);
        return;
    }
  }

  async #until(bytes: string): Promise<void> {
    for (;;) {
      const position = this.#received.indexOf(bytes, this.#consumed);
      if (position !== -1) {
        this.#consumed = position + bytes.length;
        return;
      }
      if (this.ending !== "open") throw new Error(this.describe());
      await this.#moreNews();
    }
  }

  /** The turn of the event loop in between lets the peer, in this process too, read it as a piece of its own. */
  async #writeAlone(byte: number): Promise<void> {
    if (this.ending === "reset") return;
    await new Promise<void>((resolve) => this.#socket.write(Buffer.of(byte), () => resolve()));
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  #ended(how: Ending): void {
    if (this.ending === "open") this.ending = how;
    this.#news();
  }

  #news(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  #moreNews(): Promise<void> {
    if (this.#abandoned) return Promise.reject(new Error(`${this.#name} was left`));
    return new Promise((resolve) => this.#wake.push(resolve));
  }
}
