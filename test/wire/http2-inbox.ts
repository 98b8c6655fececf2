// What an HTTP/2 party of a wire case has received: frames become a text for each stream. SETTINGS and PING are answered.
import type { RawHeaders } from "../../src/exchange/headers.js";
import { http2CodeName } from "../../src/proxy/http2/errors.js";
import { CLIENT_PREFACE, Flag, FrameType } from "../../src/proxy/http2/frames.js";
import { HpackDecoder } from "../../src/proxy/http2/hpack/decoder.js";
import { Setting } from "../../src/proxy/http2/settings.js";
import { frame } from "../proxy/http2/support.js";
import { streamText } from "./http2-case.js";

interface ReceivedStream {
  text: string;
  lastWasData: boolean;
  readonly heads: RawHeaders[];
}

export class Http2Inbox {
  readonly #answer: (bytes: Buffer) => void;
  readonly #decoder = new HpackDecoder(1024 * 1024);
  /** By the number on the wire. */
  readonly #streams = new Map<number, ReceivedStream>();
  #prefaceExpected: boolean;
  #bytes = Buffer.alloc(0);
  #block: { readonly stream: number; readonly end: boolean; readonly pieces: Buffer[] } | undefined;
  /** `GOAWAY code` for each that came. */
  readonly goaways: string[] = [];
  /** The peer's SETTINGS have offered the extended CONNECT. */
  offersExtendedConnect = false;

  /** @param answer writes what a peer has to answer */
  constructor(prefaceExpected: boolean, answer: (bytes: Buffer) => void) {
    this.#prefaceExpected = prefaceExpected;
    this.#answer = answer;
  }

  /** In the order in which they were opened. */
  get numbers(): number[] {
    return [...this.#streams.keys()].sort((a, b) => a - b);
  }

  /** What came on a stream, as `streamText` has it. */
  textOf(number: number): string {
    return this.#streams.get(number)?.text ?? "";
  }

  headsOf(number: number): readonly RawHeaders[] {
    return this.#streams.get(number)?.heads ?? [];
  }

  receive(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    if (this.#prefaceExpected) {
      if (this.#bytes.length < CLIENT_PREFACE.length) return;
      this.#prefaceExpected = false;
      this.#bytes = this.#bytes.subarray(CLIENT_PREFACE.length);
    }
    while (this.#bytes.length >= 9) {
      const length = this.#bytes.readUIntBE(0, 3);
      if (this.#bytes.length < 9 + length) break;
      const [type, flags, stream] = [this.#bytes[3]!, this.#bytes[4]!, this.#bytes.readUInt32BE(5)];
      this.#frame(type, flags, stream, this.#bytes.subarray(9, 9 + length));
      this.#bytes = this.#bytes.subarray(9 + length);
    }
  }

  #frame(type: number, flags: number, stream: number, payload: Buffer): void {
    const has = (flag: number): boolean => (flags & flag) !== 0;
    switch (type) {
      case FrameType.SETTINGS:
        if (!has(Flag.ACK)) this.#settings(payload);
        return;
      case FrameType.PING:
        if (!has(Flag.ACK)) this.#answer(frame(FrameType.PING, Flag.ACK, 0, payload));
        return;
      case FrameType.HEADERS:
        this.#block = { stream, end: has(Flag.END_STREAM), pieces: [payload] };
        if (has(Flag.END_HEADERS)) this.#head();
        return;
      case FrameType.CONTINUATION:
        this.#block?.pieces.push(payload);
        if (has(Flag.END_HEADERS)) this.#head();
        return;
      case FrameType.DATA:
        this.#data(this.#stream(stream), payload, has(Flag.END_STREAM));
        return;
      case FrameType.RST_STREAM:
        this.#add(this.#stream(stream), streamText(`RST_STREAM ${http2CodeName(payload.readUInt32BE(0))}`));
        return;
      case FrameType.GOAWAY:
        this.goaways.push(`GOAWAY ${http2CodeName(payload.readUInt32BE(4))}`);
        return;
    }
  }

  #settings(payload: Buffer): void {
    for (let at = 0; at < payload.length; at += 6) {
      if (payload.readUInt16BE(at) === Setting.ENABLE_CONNECT_PROTOCOL)
        this.offersExtendedConnect = payload.readUInt32BE(at + 2) === 1;
    }
    this.#answer(frame(FrameType.SETTINGS, Flag.ACK, 0));
  }

  #head(): void {
    const block = this.#block;
    if (block === undefined) throw new Error("a CONTINUATION frame continues nothing");
    this.#block = undefined;
    const bytes = Buffer.concat(block.pieces);
    const fields = this.#decoder.decode(bytes, 0, bytes.length).entries.map((entry) => entry.field);
    const received = this.#stream(block.stream);
    received.heads.push(fields);
    this.#add(received, streamText(fields) + (block.end ? streamText("END") : ""));
  }

  #data(stream: ReceivedStream, bytes: Buffer, end: boolean): void {
    if (bytes.length > 0) {
      const text = bytes.toString("latin1");
      this.#add(stream, stream.lastWasData ? text : streamText({ data: text }));
      stream.lastWasData = true;
    }
    if (end) this.#add(stream, streamText("END"));
  }

  #add(stream: ReceivedStream, text: string): void {
    stream.text += text;
    stream.lastWasData = false;
  }

  #stream(number: number): ReceivedStream {
    const known = this.#streams.get(number);
    if (known !== undefined) return known;
    const stream: ReceivedStream = { text: "", lastWasData: false, heads: [] };
    this.#streams.set(number, stream);
    return stream;
  }
}
