// The client's side of SOCKS5 (RFC 1928, RFC 1929) and SOCKS4a: the proxy resolves names.
import { isIPv4, isIPv6 } from "node:net";
import type { ExchangeErrorCode } from "../../exchange/exchange.js";
import type { Credentials } from "../proxy-auth.js";
import { type HandshakeStep, MORE, type ProxyHandshake, refused } from "./handshake.js";
import { ipv6Bytes } from "./ipv6.js";

const REPLIES: Readonly<Record<number, readonly [string, ExchangeErrorCode]>> = {
  1: ["general failure", "connect-failed"],
  2: ["not allowed by its rules", "connect-failed"],
  3: ["network unreachable", "connect-failed"],
  4: ["host unreachable", "connect-failed"],
  5: ["connection refused", "connect-refused"],
  6: ["TTL expired", "connect-timeout"],
  7: ["command not supported", "connect-failed"],
  8: ["address type not supported", "connect-failed"],
};

export function socks5Connect(
  to: { host: string; port: number },
  credentials: Credentials | undefined,
): ProxyHandshake {
  let stage: "method" | "credentials" | "request" = "method";
  const request = socks5Request(to);
  const proceed = (used: number): HandshakeStep => {
    if (request === undefined) return refused(`can't be asked for ${to.host}: it is longer than 255 bytes`);
    stage = "request";
    return { kind: "reply", used, send: request };
  };
  const receiveMethod = (bytes: Buffer): HandshakeStep => {
    if (bytes[0] !== 5) return refused("does not speak SOCKS5");
    if (bytes[1] === 0) return proceed(2);
    if (bytes[1] === 2 && credentials !== undefined) {
      stage = "credentials";
      return { kind: "reply", used: 2, send: passwordRequest(credentials) };
    }
    return refused(
      credentials === undefined
        ? "wants a user and a password: --upstream-proxy socks5://user:password@..."
        : "takes neither no authentication nor a user and a password",
    );
  };
  return {
    greeting: Buffer.from(credentials === undefined ? [5, 1, 0] : [5, 2, 0, 2]),
    receive: (bytes) => {
      if (bytes.length < 2) return MORE;
      switch (stage) {
        case "method":
          return receiveMethod(bytes);
        case "credentials":
          return bytes[1] === 0 ? proceed(2) : refused("did not accept the user and the password");
        case "request":
          return receiveReply(bytes, to);
      }
    },
  };
}

function receiveReply(bytes: Buffer, to: { host: string; port: number }): HandshakeStep {
  const reply = bytes[1]!;
  if (bytes[0] !== 5) return refused("does not speak SOCKS5");
  // Some end their connection behind a refusal's first bytes: it is told before the rest has come.
  if (reply !== 0) {
    const [meaning, code] = REPLIES[reply] ?? [`reply ${reply}`, "connect-failed" as const];
    return refused(`could not connect to ${to.host}:${to.port}: ${meaning}`, code);
  }
  if (bytes.length < 5) return MORE;
  const lengths: Readonly<Record<number, number>> = { 1: 4, 3: 1 + bytes[4]!, 4: 16 };
  const length = lengths[bytes[3]!];
  if (length === undefined) return refused("answered with an unknown type of address");
  const end = 4 + length + 2;
  return bytes.length < end ? MORE : { kind: "open", used: end };
}

function socks5Request({ host, port }: { host: string; port: number }): Buffer | undefined {
  const portBytes = [port >> 8, port & 0xff];
  if (isIPv4(host)) return Buffer.from([5, 1, 0, 1, ...ipv4Bytes(host), ...portBytes]);
  const name = Buffer.from(host);
  const address = isIPv6(host) ? ipv6Bytes(host) : undefined;
  if (address !== undefined) return Buffer.from([5, 1, 0, 4, ...address, ...portBytes]);
  if (name.length > 255) return undefined;
  return Buffer.from([5, 1, 0, 3, name.length, ...name, ...portBytes]);
}

function passwordRequest({ user, password }: Credentials): Buffer {
  const [name, secret] = [Buffer.from(user), Buffer.from(password)];
  return Buffer.from([1, name.length, ...name, secret.length, ...secret]);
}

export function socks4aConnect(
  to: { host: string; port: number },
  credentials: Credentials | undefined,
): ProxyHandshake {
  const isAddress = isIPv4(to.host);
  // 0.0.0.x, x not 0: the name follows (SOCKS4a).
  const address = isAddress ? ipv4Bytes(to.host) : [0, 0, 0, 1];
  const user = Buffer.from(credentials?.user ?? "");
  const name = isAddress ? [] : [...Buffer.from(to.host), 0];
  return {
    greeting: Buffer.from([4, 1, to.port >> 8, to.port & 0xff, ...address, ...user, 0, ...name]),
    receive: (bytes) => {
      if (bytes.length < 2) return MORE;
      if (bytes[0] !== 0) return refused("does not speak SOCKS4");
      if (bytes[1] !== 0x5a) return refused(`could not connect to ${to.host}:${to.port}: reply ${bytes[1]}`);
      return bytes.length < 8 ? MORE : { kind: "open", used: 8 };
    },
  };
}

function ipv4Bytes(address: string): number[] {
  return address.split(".").map(Number);
}
