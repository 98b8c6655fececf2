// SETTINGS (RFC 9113 section 6.5): reading the peer's, writing ours.
import { ConnectionError, Http2Code } from "./errors.js";
import { INITIAL_WINDOW, MAX_31_BITS, MAX_MAX_FRAME_SIZE, MIN_MAX_FRAME_SIZE } from "./frames.js";
import { DEFAULT_TABLE_SIZE } from "./hpack/decoder.js";

export const Setting = {
  HEADER_TABLE_SIZE: 0x1,
  ENABLE_PUSH: 0x2,
  MAX_CONCURRENT_STREAMS: 0x3,
  INITIAL_WINDOW_SIZE: 0x4,
  MAX_FRAME_SIZE: 0x5,
  MAX_HEADER_LIST_SIZE: 0x6,
  /** RFC 8441 */
  ENABLE_CONNECT_PROTOCOL: 0x8,
} as const;

const SETTING_LENGTH = 6;

/** What the peer asked for so far. */
export interface PeerSettings {
  readonly headerTableSize: number;
  readonly enablePush: boolean;
  /** Infinity where the peer stated no limit. */
  readonly maxConcurrentStreams: number;
  readonly initialWindowSize: number;
  readonly maxFrameSize: number;
  /** Infinity where the peer stated no limit. It is advice: a longer list may still be sent. */
  readonly maxHeaderListSize: number;
  readonly enableConnectProtocol: boolean;
}

/** Before the peer's SETTINGS; RFC 9113 section 6.5.2 wants no limit of streams below 100, so that is what is assumed. */
export const INITIAL_PEER_SETTINGS: PeerSettings = {
  headerTableSize: DEFAULT_TABLE_SIZE,
  enablePush: true,
  maxConcurrentStreams: 100,
  initialWindowSize: INITIAL_WINDOW,
  maxFrameSize: MIN_MAX_FRAME_SIZE,
  maxHeaderListSize: Number.POSITIVE_INFINITY,
  enableConnectProtocol: false,
};

export type SettingPair = readonly [id: number, value: number];

/** More settings in one frame than anybody has; CVE-2020-11080. */
const MAX_SETTINGS = 64;

/** @throws {ConnectionError} */
export function parseSettings(bytes: Buffer, start: number, end: number): SettingPair[] {
  if ((end - start) % SETTING_LENGTH !== 0) {
    throw new ConnectionError(Http2Code.FRAME_SIZE_ERROR, "a SETTINGS frame ends inside a setting");
  }
  if (end - start > MAX_SETTINGS * SETTING_LENGTH) {
    throw new ConnectionError(
      Http2Code.ENHANCE_YOUR_CALM,
      `a SETTINGS frame has more than ${MAX_SETTINGS} settings`,
    );
  }
  const pairs: SettingPair[] = [];
  for (let at = start; at < end; at += SETTING_LENGTH) {
    pairs.push([bytes.readUInt16BE(at), bytes.readUInt32BE(at + 2)]);
  }
  return pairs;
}

/**
 * @param from the peer's settings before the frame
 * @param first it is the peer's first frame: a limit that it does not state does not exist
 * @param role of this side
 * @throws {ConnectionError} when a value is out of range
 */
export function applySettings(
  from: PeerSettings,
  pairs: readonly SettingPair[],
  first: boolean,
  role: "server" | "client",
): PeerSettings {
  const next = { ...from, ...(first ? { maxConcurrentStreams: Number.POSITIVE_INFINITY } : {}) };
  for (const [id, value] of pairs) {
    if (id === Setting.HEADER_TABLE_SIZE) next.headerTableSize = value;
    else if (id === Setting.ENABLE_PUSH) {
      // Section 6.5.2: a server must not say anything but 0.
      checkRange("ENABLE_PUSH", value <= (role === "client" ? 0 : 1));
      next.enablePush = value === 1;
    } else if (id === Setting.MAX_CONCURRENT_STREAMS) next.maxConcurrentStreams = value;
    else if (id === Setting.INITIAL_WINDOW_SIZE) {
      checkRange("INITIAL_WINDOW_SIZE", value <= MAX_31_BITS, Http2Code.FLOW_CONTROL_ERROR);
      next.initialWindowSize = value;
    } else if (id === Setting.MAX_FRAME_SIZE) {
      checkRange("MAX_FRAME_SIZE", value >= MIN_MAX_FRAME_SIZE && value <= MAX_MAX_FRAME_SIZE);
      next.maxFrameSize = value;
    } else if (id === Setting.MAX_HEADER_LIST_SIZE) next.maxHeaderListSize = value;
    else if (id === Setting.ENABLE_CONNECT_PROTOCOL) {
      // RFC 8441 section 3: never taken back.
      checkRange("ENABLE_CONNECT_PROTOCOL", value === 1 || (value === 0 && !next.enableConnectProtocol));
      next.enableConnectProtocol = value === 1;
    }
  }
  return next;
}

function checkRange(name: string, inRange: boolean, code: number = Http2Code.PROTOCOL_ERROR): void {
  if (!inRange) throw new ConnectionError(code, `the peer's SETTINGS_${name} is out of range`);
}
