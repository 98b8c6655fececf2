// The origin of an entry: its address, and what is known of the connection.
import { isIP } from "node:net";
import type { ServerEndpoint } from "../exchange/exchange.js";
import type { ConnectionId } from "../exchange/id.js";
import type { RequestHead } from "./read-request.js";
import { asNumber, type JsonObject } from "./repairs.js";

/** @returns undefined where the entry names no IP address. */
export function serverOf(
  entry: JsonObject,
  request: RequestHead,
  reused: boolean,
): ServerEndpoint | undefined {
  const text = entry.serverIPAddress;
  const address = typeof text === "string" ? text.trim().replace(/^\[(.*)\]$/, "$1") : "";
  if (isIP(address) === 0) return undefined;
  const number = asNumber(entry._connectionId);
  const connectionId = Number.isSafeInteger(number) && number >= 0 ? number : 0;
  return {
    address,
    port: portOf(entry, request.url),
    connectionId: connectionId as ConnectionId,
    reused,
    tls: null,
  };
}

/** Beside `_connectionId`, `connection` is the port; without it, it may be anything. */
function portOf(entry: JsonObject, url: string): number {
  const said = entry._serverPort ?? (entry._connectionId === undefined ? undefined : entry.connection);
  const port = asNumber(said);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  const inUrl = /^[a-z]+:\/\/[^/?]*:(\d{1,5})(?:[/?]|$)/i.exec(url)?.[1];
  if (inUrl !== undefined) return Math.min(Number(inUrl), 65_535);
  return url.startsWith("https:") ? 443 : 80;
}
