// What a connection lets its peer do, with the defaults.
import { MAX_31_BITS, MIN_MAX_FRAME_SIZE } from "./frames.js";
import { DEFAULT_TABLE_SIZE } from "./hpack/decoder.js";
import { Setting, type SettingPair } from "./settings.js";

/** So many at once, and so many a second after that. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** What a connection does with what is too much: it ends with ENHANCE_YOUR_CALM. */
export interface FloodLimits {
  /** Streams that the client resets while they are open, or that fail by its fault (CVE-2023-44487, CVE-2025-8671). */
  readonly resets: Rate;
  /** PING frames to answer (CVE-2019-9512); gRPC measures bandwidth with thousands. */
  readonly pings: Rate;
  /** SETTINGS frames to answer (CVE-2019-9515). */
  readonly settings: Rate;
  /** DATA frames without data that end nothing (CVE-2019-9518). */
  readonly emptyData: Rate;
  /** Frames of ours that answer the peer's and that the peer does not read. */
  readonly unreadAnswers: number;
  /** CONTINUATION frames of one header block (CVE-2024-27983). */
  readonly continuations: number;
  /** 1xx responses of one stream, which no flow control covers. */
  readonly informational: number;
}

export interface Http2Options {
  /** Octets of each stream that the peer may send ahead of `consumed`. */
  readonly streamWindow: number;
  /** Octets of all streams together; larger, so that a slow stream leaves room for the others. At least 65,535. */
  readonly connectionWindow: number;
  /** Streams that a client may have open at once. */
  readonly maxConcurrentStreams: number;
  /** Octets of a header list as section 6.5.2 counts them (32 for each field besides its strings). */
  readonly maxHeaderListSize: number;
  readonly maxFrameSize: number;
  /** The table of the peer's encoder. */
  readonly headerTableSize: number;
  /** RFC 8441: a client may CONNECT with `:protocol`. */
  readonly enableConnectProtocol: boolean;
  /**
   * A field value with whitespace around it makes a message malformed (section 8.2.1). Clients are held to that; what
   * origins send is passed on by browsers and curl, so it is here too.
   */
  readonly strictWhitespace: boolean;
  readonly floods: FloodLimits;
  /** Milliseconds that only go forward. */
  readonly clock: () => number;
}

export const DEFAULT_FLOOD_LIMITS: FloodLimits = {
  resets: { burst: 1000, perSecond: 200 },
  pings: { burst: 10_000, perSecond: 5_000 },
  settings: { burst: 100, perSecond: 10 },
  emptyData: { burst: 1000, perSecond: 100 },
  unreadAnswers: 1000,
  continuations: 64,
  informational: 1000,
};

export function completeOptions(role: "server" | "client", options: Partial<Http2Options>): Http2Options {
  return {
    streamWindow: 1024 * 1024,
    connectionWindow: 16 * 1024 * 1024,
    maxConcurrentStreams: 256,
    maxHeaderListSize: 256 * 1024,
    maxFrameSize: MIN_MAX_FRAME_SIZE,
    headerTableSize: DEFAULT_TABLE_SIZE,
    enableConnectProtocol: false,
    strictWhitespace: role === "server",
    floods: DEFAULT_FLOOD_LIMITS,
    clock: () => performance.now(),
    ...options,
  };
}

/** The settings that say so to the peer. */
export function initialSettings(role: "server" | "client", options: Http2Options): SettingPair[] {
  const pairs: SettingPair[] = [];
  if (options.headerTableSize !== DEFAULT_TABLE_SIZE)
    pairs.push([Setting.HEADER_TABLE_SIZE, options.headerTableSize]);
  if (role === "client") pairs.push([Setting.ENABLE_PUSH, 0]);
  else pairs.push([Setting.MAX_CONCURRENT_STREAMS, options.maxConcurrentStreams]);
  pairs.push([Setting.INITIAL_WINDOW_SIZE, Math.min(options.streamWindow, MAX_31_BITS)]);
  if (options.maxFrameSize !== MIN_MAX_FRAME_SIZE) pairs.push([Setting.MAX_FRAME_SIZE, options.maxFrameSize]);
  pairs.push([Setting.MAX_HEADER_LIST_SIZE, options.maxHeaderListSize]);
  if (options.enableConnectProtocol && role === "server") pairs.push([Setting.ENABLE_CONNECT_PROTOCOL, 1]);
  return pairs;
}
