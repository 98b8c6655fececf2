// Makes a final exchange of one that was under way when its recorder died.
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import type { Body } from "../exchange/body.js";
import type { Exchange } from "../exchange/exchange.js";
import { mapBodies } from "./exchange-bodies.js";
import { bodyName } from "./format.js";

/** What the messages of a connection tell about it. */
export interface MessagesSeen {
  readonly count: number;
  /** ISO 8601. */
  readonly last: string;
}

/**
 * @param exchange as its `open` line has it.
 * @returns it with error `recorder-died`, what its body files hold, and a duration up to the last trace of it.
 */
export async function completeExchange(
  folder: string,
  exchange: Exchange,
  messages: MessagesSeen | undefined,
): Promise<Exchange> {
  const request = await storedBody(folder, exchange, "request");
  const response = await storedBody(folder, exchange, "response");
  const partial = mapBodies(exchange, (body, part) => {
    const file = part === "request" ? request : response;
    if (body.kind === "file") return body;
    if (file !== undefined) return file.body;
    // Nothing of a response had come yet; a WebSocket has none, its messages are lines of their own.
    return part === "response" && exchange.kind === "http" ? { ...body, truncated: "recorder-died" } : body;
  });
  const traces = [request?.changedAt ?? 0, response?.changedAt ?? 0, Date.parse(messages?.last ?? "") || 0];
  const duration = Math.max(exchange.duration, Math.max(...traces) - Date.parse(exchange.startedAt), 0);
  const message = "the recorder ended before this exchange did";
  const ended = { duration, error: { code: "recorder-died", message } } as const;
  if (partial.kind === "websocket") return { ...partial, ...ended, messageCount: messages?.count ?? 0 };
  return { ...partial, ...ended };
}

async function storedBody(
  folder: string,
  { id }: Exchange,
  part: "request" | "response",
): Promise<{ body: Body; changedAt: number } | undefined> {
  const file = bodyName(id, part);
  try {
    const info = await lstat(join(folder, file));
    if (!info.isFile()) return undefined;
    const body: Body = { kind: "file", file, size: info.size, stored: info.size, truncated: "recorder-died" };
    return { body, changedAt: Math.round(info.mtimeMs) };
  } catch {
    return undefined;
  }
}
