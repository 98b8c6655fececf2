// A peer made of raw frames, and a handler that writes down what it is told.
import type { RawHeaders } from "../../../src/exchange/headers.js";
import { Http2Connection } from "../../../src/proxy/http2/connection.js";
import type { Http2Role } from "../../../src/proxy/http2/connection-core.js";
import { http2CodeName } from "../../../src/proxy/http2/errors.js";
import { CLIENT_PREFACE, FrameType } from "../../../src/proxy/http2/frames.js";
import type { Http2Handler } from "../../../src/proxy/http2/handler.js";
import { HpackDecoder } from "../../../src/proxy/http2/hpack/decoder.js";
import { HpackEncoder } from "../../../src/proxy/http2/hpack/encoder.js";
import type { Http2Options } from "../../../src/proxy/http2/options.js";

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

const TYPE_NAMES = new Map<number, string>(Object.entries(FrameType).map(([name, type]) => [type, name]));

export function frame(type: number, flags: number, stream: number, payload: Buffer | string = ""): Buffer {
  const body = typeof payload === "string" ? Buffer.from(payload.replaceAll(/\s/g, ""), "hex") : payload;
  const head = Buffer.alloc(9);
  head.writeUIntBE(body.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, body]);
}

function parseFrames(bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  let at = 0;
  if (bytes.subarray(0, CLIENT_PREFACE.length).equals(CLIENT_PREFACE)) at = CLIENT_PREFACE.length;
  while (at < bytes.length) {
    const length = bytes.readUIntBE(at, 3);
    const [type, flags, stream] = [bytes[at + 3]!, bytes[at + 4]!, bytes.readUInt32BE(at + 5)];
    frames.push({ type, flags, stream, payload: bytes.subarray(at + 9, at + 9 + length) });
    at += 9 + length;
  }
  return frames;
}

/** A header block of literals, which leave the peer's table alone. */
export function block(headers: RawHeaders): Buffer {
  const text = (value: string): Buffer => {
    const bytes = Buffer.from(value, "latin1");
    if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
    const rest = bytes.length - 127;
    return Buffer.concat([Buffer.from([127, (rest & 0x7f) | 0x80, (rest >> 7) & 0x7f]), bytes]);
  };
  return Buffer.concat(headers.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]));
}

export const GET: RawHeaders = [
  [":method", "GET"],
  [":scheme", "https"],
  [":authority", "example.test"],
  [":path", "/"],
];

export const SETTINGS = frame(FrameType.SETTINGS, 0, 0);

/** Events as text: `headers 1 end :status=200 a=b`. Data that follows data is one event. */
export class EventLog implements Http2Handler {
  readonly events: string[] = [];
  readonly neverIndexed: string[] = [];
  goneWrong: string | undefined;
  onBroken: () => void = () => {};

  onHeaders(
    stream: number,
    headers: RawHeaders,
    endStream: boolean,
    never: ReadonlySet<RawHeaders[number]>,
  ): void {
    this.#push(`headers ${stream}${endStream ? " end" : ""} ${show(headers)}`);
    for (const field of headers) if (never.has(field)) this.neverIndexed.push(field[0]);
  }

  onTrailers(stream: number, trailers: RawHeaders): void {
    this.#push(`trailers ${stream} ${show(trailers)}`);
  }

  onData(stream: number, data: Buffer, endStream: boolean): void {
    const last = this.events.at(-1);
    const prefix = `data ${stream} `;
    const text = data.toString("latin1");
    if (last?.startsWith(prefix) && !last.endsWith(" end")) this.events[this.events.length - 1] = last + text;
    else this.#push(prefix + text);
    if (endStream) this.events[this.events.length - 1] += " end";
  }

  onReset(stream: number, code: number, failure: Error | undefined): void {
    this.#push(`${failure === undefined ? "reset" : "failed"} ${stream} ${http2CodeName(code)}`);
  }

  onWritable(stream: number): void {
    this.#push(`writable ${stream}`);
  }

  onClose(stream: number): void {
    this.#push(`close ${stream}`);
  }

  onGoaway(lastStream: number, code: number, debugData: Buffer): void {
    this.#push(`goaway ${lastStream} ${http2CodeName(code)} ${debugData.toString("latin1")}`);
  }

  onSettings(): void {}

  onPong(payload: Buffer): void {
    this.#push(`pong ${payload.toString("hex")}`);
  }

  onConnectionError(error: { code: number; message: string }): void {
    this.goneWrong = http2CodeName(error.code);
    this.#push(`connection error ${this.goneWrong}`);
    this.onBroken();
  }

  #push(event: string): void {
    this.events.push(event);
  }
}

function show(headers: RawHeaders): string {
  return headers.map(([name, value]) => `${name}=${value}`).join(" ");
}

/** A connection whose peer is the test. */
export class Rig<Log extends Http2Handler = EventLog> {
  readonly connection: Http2Connection;
  readonly log: Log;
  /** What the output answers to `write`. */
  accepting = true;
  readonly #written: Buffer[] = [];
  readonly #decoder = new HpackDecoder(1024 * 1024);
  readonly encoder = new HpackEncoder();
  flushes = 0;
  /** Sizes of the buffers written. */
  readonly writes: number[] = [];

  constructor(role: Http2Role, log: Log, options: Partial<Http2Options> = {}) {
    this.log = log;
    const output = {
      write: (bytes: Buffer): boolean => {
        this.#written.push(bytes);
        this.writes.push(bytes.length);
        return this.accepting;
      },
      wantsFlush: (): void => {
        this.flushes += 1;
      },
    };
    this.connection = new Http2Connection(role, log, output, options);
  }

  /** Flushes. @returns what was written since the last time */
  written(): Frame[] {
    this.connection.flush();
    return parseFrames(Buffer.concat(this.#written.splice(0)));
  }

  /** The same as text: `HEADERS 1 5 :status=200`, the number being the flags. */
  writtenText(): string[] {
    return this.written().map(({ type, flags, stream, payload }) => {
      const name = TYPE_NAMES.get(type) ?? String(type);
      if (name === "HEADERS") {
        const fields = this.#decoder.decode(payload, 0, payload.length).entries.map((entry) => entry.field);
        return `${name} ${stream} ${flags} ${show(fields)}`;
      }
      if (name === "RST_STREAM") return `${name} ${stream} ${http2CodeName(payload.readUInt32BE(0))}`;
      if (name === "GOAWAY")
        return `${name} ${payload.readUInt32BE(0)} ${http2CodeName(payload.readUInt32BE(4))}`;
      if (name === "WINDOW_UPDATE") return `${name} ${stream} ${payload.readUInt32BE(0)}`;
      if (name === "DATA") return `${name} ${stream} ${flags} ${payload.length}`;
      return `${name} ${stream} ${flags}${payload.length > 0 ? ` ${payload.toString("hex")}` : ""}`;
    });
  }
}

/** A server past the handshake; what it wrote by then is gone. */
export function serverRig(options: Partial<Http2Options> = {}): Rig {
  const rig = new Rig("server", new EventLog(), options);
  rig.connection.receive(Buffer.concat([CLIENT_PREFACE, SETTINGS, frame(FrameType.SETTINGS, 1, 0)]));
  rig.written();
  return rig;
}

/** A client past the handshake. */
export function clientRig(options: Partial<Http2Options> = {}): Rig {
  const rig = new Rig("client", new EventLog(), options);
  rig.connection.receive(Buffer.concat([SETTINGS, frame(FrameType.SETTINGS, 1, 0)]));
  rig.written();
  return rig;
}
