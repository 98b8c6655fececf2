// A party of a wire case that speaks HTTP/2 in raw frames: it plays its script, and keeps what came on each stream.
import type { Socket } from "node:net";
import type { RawHeaders } from "../../src/exchange/headers.js";
import { CLIENT_PREFACE, Flag, FrameType } from "../../src/proxy/http2/frames.js";
import { frame } from "../proxy/http2/support.js";
import type { Ending } from "./case.js";
import type { Http2Step } from "./http2-case.js";
import { Http2Inbox } from "./http2-inbox.js";
import { literalBlock } from "./http2-literals.js";
import type { Words } from "./party.js";

const MAX_FRAME = 16_384;
/** Enough for all that a case sends, so that windows are of no concern to its script. */
const WINDOW = frame(FrameType.WINDOW_UPDATE, 0, 0, "3fffffff");
const SETTINGS = "0004 3fffffff 0006 00100000";
const ENABLE_CONNECT_PROTOCOL = "0008 00000001";

/** Which side a party plays. */
export type Http2Side = "client" | "origin" | "origin-with-extended-connect";

export class Http2Party {
  readonly #name: string;
  readonly #socket: Socket;
  readonly #transport: Socket;
  readonly #inbox: Http2Inbox;
  readonly #isClient: boolean;
  #step: Http2Step | undefined;
  #wake: (() => void)[] = [];
  #abandoned = false;
  ending: Ending = "open";

  constructor(name: string, socket: Socket, transport: Socket, side: Http2Side) {
    const isClient = side === "client";
    this.#name = name;
    this.#socket = socket;
    this.#transport = transport;
    this.#isClient = isClient;
    this.#inbox = new Http2Inbox(!isClient, (bytes) => socket.write(bytes));
    socket.on("data", (chunk: Buffer) => {
      this.#inbox.receive(chunk);
      this.#news();
    });
    socket.on("end", () => this.#ended("end"));
    socket.on("error", () => this.#ended("reset"));
    socket.on("close", () => this.#ended("end"));
    transport.on("error", () => this.#ended("reset"));
    const settings = side === "origin-with-extended-connect" ? SETTINGS + ENABLE_CONNECT_PROTOCOL : SETTINGS;
    const preface = isClient ? CLIENT_PREFACE : Buffer.alloc(0);
    socket.write(Buffer.concat([preface, frame(FrameType.SETTINGS, 0, 0, settings), WINDOW]));
  }

  /** What came on each stream, in the order in which they were opened. */
  get streams(): string[] {
    return this.#inbox.numbers.map((number) => this.#inbox.textOf(number));
  }

  /** `GOAWAY code` for each that came. */
  get connection(): readonly string[] {
    return this.#inbox.goaways;
  }

  headsOf(stream: number): readonly RawHeaders[] {
    return this.#inbox.headsOf(this.#number(stream));
  }

  describe(): string {
    const doing = this.#step === undefined ? "is done" : `is at ${JSON.stringify(this.#step)}`;
    const heard = [...this.connection, ...this.streams].join("\n--\n").slice(-3000);
    return `${this.#name} ${doing}, its connection ${this.ending}, after ${heard}`;
  }

  async play(script: readonly Http2Step[], words: Words, expand: (text: string) => string): Promise<void> {
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

  async #play(step: Http2Step, words: Words, expand: (text: string) => string): Promise<void> {
    switch (step.do) {
      case "headers":
        this.#sendHeaders(
          step.stream,
          step.fields.map(([name, value]) => [name, expand(value)] as const),
          step.end,
        );
        return;
      case "data":
        this.#sendData(step.stream, Buffer.from(step.bytes, "latin1"), step.end);
        return;
      case "rst":
        this.#socket.write(frame(FrameType.RST_STREAM, 0, this.#number(step.stream), uint32(step.code)));
        return;
      case "goaway":
        this.#socket.write(
          frame(FrameType.GOAWAY, 0, 0, Buffer.concat([uint32(step.lastStream), uint32(step.code)])),
        );
        return;
      case "raw":
        this.#socket.write(step.bytes);
        return;
      case "seen":
        while (!this.#inbox.textOf(this.#number(step.stream)).includes(expand(step.text))) {
          await this.#moreNews(`waits for ${step.text} on stream ${step.stream}`);
        }
        return;
      case "offered":
        while (!this.#inbox.offersExtendedConnect) await this.#moreNews("waits for SETTINGS");
        return;
      case "to-end":
        while (this.ending === "open") await this.#moreNews("waits for the end");
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

  /** A client opens 1, 3, 5; an origin sees them in whatever order they come. */
  #number(stream: number): number {
    return this.#isClient ? stream * 2 - 1 : (this.#inbox.numbers[stream - 1] ?? 0);
  }

  #sendHeaders(stream: number, fields: RawHeaders, end: boolean): void {
    const bytes = literalBlock(fields);
    for (let at = 0; at === 0 || at < bytes.length; at += MAX_FRAME) {
      const last = at + MAX_FRAME >= bytes.length ? Flag.END_HEADERS : 0;
      const flags = last | (at === 0 && end ? Flag.END_STREAM : 0);
      const type = at === 0 ? FrameType.HEADERS : FrameType.CONTINUATION;
      this.#socket.write(frame(type, flags, this.#number(stream), bytes.subarray(at, at + MAX_FRAME)));
    }
  }

  #sendData(stream: number, bytes: Buffer, end: boolean): void {
    for (let at = 0; at === 0 || at < bytes.length; at += MAX_FRAME) {
      const flags = end && at + MAX_FRAME >= bytes.length ? Flag.END_STREAM : 0;
      this.#socket.write(
        frame(FrameType.DATA, flags, this.#number(stream), bytes.subarray(at, at + MAX_FRAME)),
      );
    }
  }

  #ended(how: Ending): void {
    if (this.ending === "open") this.ending = how;
    this.#news();
  }

  #news(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  #moreNews(why: string): Promise<void> {
    if (this.#abandoned) return Promise.reject(new Error(`${this.#name} was left: ${why}`));
    if (this.ending !== "open")
      return Promise.reject(new Error(`the connection is over: ${this.describe()}`));
    return new Promise((resolve) => this.#wake.push(resolve));
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
