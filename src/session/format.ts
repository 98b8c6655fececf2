// The session format: the names of its files, its version and how a line is written (docs/session-format.md).
import type { Exchange } from "../exchange/exchange.js";
import type { ExchangeId } from "../exchange/id.js";
import type { WebSocketMessage } from "../exchange/websocket-message.js";

/** The version this build writes: the `v` of every line and of the manifest. */
export const FORMAT_VERSION = 1;

export const SESSIONS_FOLDER = "sessions";
export const MANIFEST_FILE = "manifest.json";
export const EXCHANGES_FILE = "exchanges.jsonl";
export const BODIES_FOLDER = "bodies";

/** Sessions are private: they hold credentials as they passed. */
export const FOLDER_MODE = 0o700;
export const FILE_MODE = 0o600;

/** Bodies up to this many bytes are kept in the line. */
export const INLINE_LIMIT = 32 * 1024;
/** Larger ones up to this many bytes share one file; beyond, each has a file of its own. */
export const PACK_LIMIT = 1024 * 1024;
export const PACK_FILE = `${BODIES_FOLDER}/packed`;
/** Entries of `chunks` that a streaming body keeps. */
export const CHUNKS_LIMIT = 100_000;
/** A line longer than this is damage: far above what a line with two inline bodies can be, below V8's string limit. */
export const LINE_LIMIT = 64 * 1024 * 1024;

/** What a line can hold. */
export type LineType = "exchange" | "open" | "websocket-message";

/**
 * How every line begins. The reader of counts and the trimmer rely on `v` and `type` coming first, in this form;
 * no body can imitate it, as JSON escapes quotes within strings.
 */
export const LINE_PREFIX: Readonly<Record<LineType, string>> = {
  exchange: `{"v":${FORMAT_VERSION},"type":"exchange",`,
  open: `{"v":${FORMAT_VERSION},"type":"open",`,
  "websocket-message": `{"v":${FORMAT_VERSION},"type":"websocket-message",`,
};

/** @returns the path of a body's file relative to the session's folder. */
export function bodyName(id: ExchangeId, part: string): string {
  return `${BODIES_FOLDER}/${id}.${part}`;
}

/** @returns the line, newline included. */
export function renderLine(type: LineType, data: Exchange | WebSocketMessage): string {
  // Measured on a 2.4 KB line: stringifying the plain object and joining the prefix costs the same as spreading
  // `v` and `type` into a copy (5.5 microseconds), without the copy.
  return `${LINE_PREFIX[type]}${JSON.stringify(data).slice(1)}\n`;
}
