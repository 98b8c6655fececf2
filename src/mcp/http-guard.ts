// Who may talk to the HTTP server: programs of this machine that have the token. Host and Origin are checked first, so that
// a web page can't reach it, not even by a name that it makes lead here (DNS rebinding).
import type { IncomingMessage } from "node:http";
import { isAuthorized } from "./token.js";

export interface HttpRefusal {
  readonly status: number;
  readonly message: string;
  readonly headers?: Record<string, string>;
}

const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** @returns undefined for a request that may go on */
export function refusalOf(
  { headers }: Pick<IncomingMessage, "headers">,
  { port, token }: { readonly port: number; readonly token: string },
): HttpRefusal | undefined {
  if (!isOwnHost(headers.host, port)) return { status: 403, message: "the Host header names another server" };
  if (headers.origin !== undefined && !isLoopbackOrigin(headers.origin)) {
    return { status: 403, message: "web pages may not use this server" };
  }
  if (isAuthorized(headers.authorization, token)) return undefined;
  return {
    status: 401,
    message: "the bearer token is missing or wrong: `trafficctl mcp --http` says which file has it",
    headers: { "WWW-Authenticate": 'Bearer realm="trafficctl"' },
  };
}

function isOwnHost(host: string | undefined, port: number): boolean {
  const match = /^(.+?)(?::(\d+))?$/.exec(host?.toLowerCase() ?? "");
  return match !== null && LOOPBACK.has(match[1] ?? "") && Number(match[2] ?? 80) === port;
}

/** A tool with a page of its own on this machine has one. */
function isLoopbackOrigin(origin: string): boolean {
  const match = /^https?:\/\/([^/]+?)(?::\d+)?$/i.exec(origin);
  return match !== null && LOOPBACK.has((match[1] ?? "").toLowerCase());
}
