// How a block of the index lies in its bytes: columns of numbers, then the strings they refer to. All little endian.
// Anything that changes here, in facts.ts or in what readers take for damage needs a new INDEX_VERSION.
import type { Exchange, HttpVersion } from "../../exchange/exchange.js";

export const INDEX_FILE = "index";
export const INDEX_VERSION = 1;

/** Exchanges in a block. Each string of a row is a number below 2^16 in its block: 4096 rows of 11 strings fit. */
export const BLOCK_ROWS = 4096;
/** Characters of strings at which a block ends early. */
export const BLOCK_TEXT = 4 * 1024 * 1024;

/** Checksum of the rest, rows, strings, encoding of the strings, bytes of them; each of four bytes, three unused. */
export const BLOCK_HEAD = 32;
export const ID_LENGTH = 26;

/** 8 bytes a row. NaN stands for null in `duration` and `status`; `places` is 0 where there are no messages. */
export const NUMBERS = [
  "seq",
  "startedAt",
  "duration",
  "status",
  "requestSize",
  "responseSize",
  "messages",
  "offset",
  "places",
] as const;
/** 4 bytes a row, as are the bounds of the strings. */
const LENGTHS = 1;
/** 2 bytes a row: number of the string in the block. `error`, `tags` and `rules` are JSON, "" where there are none. */
export const STRINGS = [
  "method",
  "url",
  "reason",
  "requestType",
  "responseType",
  "client",
  "server",
  "error",
  "tags",
  "rules",
  "replays",
] as const;
/** 1 byte a row. */
export const BYTES = ["kind", "requestVersion", "responseVersion", "flags", "bodies"] as const;

export const NUMBER = places(NUMBERS);
export const STRING = places(STRINGS);
export const BYTE = places(BYTES);

export const KIND_CODE = { http: 0, websocket: 1, tunnel: 2 } satisfies Record<Exchange["kind"], number>;
export const KINDS = ["http", "websocket", "tunnel"] as const;
/** 0 stands for no response. */
export const VERSION_CODE = {
  "HTTP/1.0": 1,
  "HTTP/1.1": 2,
  "HTTP/2.0": 3,
  "HTTP/3.0": 4,
} satisfies Record<HttpVersion, number>;
export const VERSIONS = [null, "HTTP/1.0", "HTTP/1.1", "HTTP/2.0", "HTTP/3.0"] as const;

export const FLAG = { streaming: 1, open: 2 } as const;

/** Whether a name in a session's folder is of an index, whole or unfinished. */
export function isIndexFile(name: string): boolean {
  return name === INDEX_FILE || /^index\.[0-9a-f]{12}\.tmp$/.test(name);
}

/** Bytes of a block before its strings. */
export function columnBytes(rows: number, strings: number): number {
  const numbers = rows * NUMBERS.length * 8;
  const words = (rows * LENGTHS + strings + 1) * 4;
  return BLOCK_HEAD + numbers + words + rows * (STRINGS.length * 2 + BYTES.length + ID_LENGTH);
}

function places<Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>> {
  const entries: Partial<Record<Name, number>> = {};
  names.forEach((name, at) => {
    entries[name] = at;
  });
  return entries as Record<Name, number>;
}
