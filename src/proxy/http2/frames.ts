// The numbers of HTTP/2's framing (RFC 9113 sections 3.4, 4 and 6).

export const FrameType = {
  DATA: 0x0,
  HEADERS: 0x1,
  PRIORITY: 0x2,
  RST_STREAM: 0x3,
  SETTINGS: 0x4,
  PUSH_PROMISE: 0x5,
  PING: 0x6,
  GOAWAY: 0x7,
  WINDOW_UPDATE: 0x8,
  CONTINUATION: 0x9,
} as const;

export const Flag = {
  /** HEADERS, DATA */
  END_STREAM: 0x1,
  /** SETTINGS, PING */
  ACK: 0x1,
  /** HEADERS, CONTINUATION */
  END_HEADERS: 0x4,
  PADDED: 0x8,
  PRIORITY: 0x20,
} as const;

/** Length, type, flags, stream. */
export const FRAME_HEAD = 9;
/** The initial value of SETTINGS_MAX_FRAME_SIZE, and the smallest there is. */
export const MIN_MAX_FRAME_SIZE = 16_384;
export const MAX_MAX_FRAME_SIZE = 16_777_215;
/** The largest window and the largest stream identifier. */
export const MAX_31_BITS = 0x7fffffff;
/** What a window is before any SETTINGS or WINDOW_UPDATE. */
export const INITIAL_WINDOW = 65_535;

/** What a client sends first (section 3.4). */
export const CLIENT_PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");
