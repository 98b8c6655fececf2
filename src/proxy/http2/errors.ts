// What can go wrong in HTTP/2: the error codes of the wire, and the two reaches an error of the peer's can have.

/** Error codes (RFC 9113 section 7). A peer may send others; they pass as the numbers they are. */
export const Http2Code = {
  NO_ERROR: 0x0,
  PROTOCOL_ERROR: 0x1,
  INTERNAL_ERROR: 0x2,
  FLOW_CONTROL_ERROR: 0x3,
  SETTINGS_TIMEOUT: 0x4,
  STREAM_CLOSED: 0x5,
  FRAME_SIZE_ERROR: 0x6,
  REFUSED_STREAM: 0x7,
  CANCEL: 0x8,
  COMPRESSION_ERROR: 0x9,
  CONNECT_ERROR: 0xa,
  ENHANCE_YOUR_CALM: 0xb,
  INADEQUATE_SECURITY: 0xc,
  HTTP_1_1_REQUIRED: 0xd,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(Http2Code).map(([name, code]) => [code, name]),
);

/** @returns the code's name, or its number in hexadecimal where the RFC names none. */
export function http2CodeName(code: number): string {
  return NAMES.get(code) ?? `0x${code.toString(16)}`;
}

/** The peer broke a rule that the whole connection rests on: it ends with a GOAWAY of this code (section 5.4.1). */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** The peer broke a rule within one stream: that stream is reset with this code (section 5.4.2). */
export class StreamError extends Error {
  override readonly name = "StreamError";
  readonly stream: number;
  readonly code: number;

  constructor(stream: number, code: number, message: string) {
    super(message);
    this.stream = stream;
    this.code = code;
  }
}
