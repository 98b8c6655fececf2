// CONNECT to an HTTP proxy (RFC 9110 section 9.3.6), for https and plain http origins alike: inside of a tunnel the
// bytes of a request stay as they are.
import type { Credentials } from "../proxy-auth.js";
import { formatHost } from "../target.js";
import { type HandshakeStep, MORE, type ProxyHandshake, refused } from "./handshake.js";

/** Far more than an answer to CONNECT needs. */
const MAX_ANSWER_BYTES = 64 * 1024;

export function httpConnect(
  to: { host: string; port: number },
  credentials: Credentials | undefined,
): ProxyHandshake {
  const authority = `${formatHost(to.host)}:${to.port}`;
  const authorization =
    credentials === undefined ? "" : `Proxy-Authorization: ${basicAuthorization(credentials)}\r\n`;
  return {
    greeting: Buffer.from(
      `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${authorization}\r\n`,
      "latin1",
    ),
    receive: (bytes) => readAnswer(bytes, authority),
  };
}

/** RFC 7617: UTF-8, base64. */
function basicAuthorization({ user, password }: Credentials): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function readAnswer(bytes: Buffer, authority: string): HandshakeStep {
  const end = bytes.indexOf("\r\n\r\n");
  if (end === -1) {
    return bytes.length > MAX_ANSWER_BYTES ? refused(`answered CONNECT ${authority} without end`) : MORE;
  }
  const line = bytes.toString("latin1", 0, bytes.indexOf("\r\n"));
  const match = /^HTTP\/1\.[01] (\d{3})(?: (.*))?$/.exec(line);
  if (match === null) return refused(`does not speak HTTP: it answered ${JSON.stringify(line.slice(0, 80))}`);
  const status = Number(match[1]);
  if (status >= 200 && status < 300) return { kind: "open", used: end + 4 };
  if (status < 200) return { kind: "reply", used: end + 4, send: Buffer.alloc(0) };
  const said = `${status}${match[2] ? ` ${match[2].slice(0, 200)}` : ""}`;
  const hint =
    status === 407 ? "; give it a user and a password: --upstream-proxy http://user:password@..." : "";
  return refused(`answered CONNECT ${authority} with ${said}${hint}`);
}
