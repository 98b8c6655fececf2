// What a line of a session holds: the edge where bytes in a file become an exchange or a message.

import { isUtf8 } from "node:buffer";
import type { Exchange } from "../exchange/exchange.js";
import type { WebSocketMessage } from "../exchange/websocket-message.js";
import { LINE_LIMIT } from "./format.js";
import { isExchange, isMessage } from "./line-schema.js";
import type { RawLine } from "./line-splitter.js";
import { toCurrentVersion } from "./versions.js";

/** What a session's log holds. */
export type SessionItem =
  /** `open`: it had not finished when it was last written; such items come after all others. */
  | { readonly type: "exchange"; readonly exchange: Exchange; readonly open: boolean; readonly line: number }
  | { readonly type: "message"; readonly message: WebSocketMessage; readonly line: number };

/**
 * @param path of the log, for the error.
 * @returns `damaged` for what holds nothing usable, `unknown` for a whole line of another type.
 * @throws SESSION_DAMAGED for a newer format.
 */
export function parseLine(line: RawLine, path: string): SessionItem | "damaged" | "unknown" {
  // Decoding would replace invalid bytes silently.
  if (line.length > LINE_LIMIT || !isUtf8(line.bytes)) return "damaged";
  let value: unknown;
  try {
    value = JSON.parse(line.bytes.toString("utf8"));
  } catch {
    return "damaged";
  }
  if (!isObject(value)) return "damaged";
  const data = toCurrentVersion(value, `${path}:${line.number}`);
  if (data === undefined) return "damaged";
  // They belong to the line, not to what it holds.
  const { v: _version, type, ...content } = data;
  switch (type) {
    case "exchange":
    case "open":
      if (!isExchange(content)) return "damaged";
      return { type: "exchange", exchange: content, open: type === "open", line: line.number };
    case "websocket-message":
      return isMessage(content) ? { type: "message", message: content, line: line.number } : "damaged";
    default:
      return typeof type === "string" ? "unknown" : "damaged";
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
