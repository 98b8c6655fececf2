// The server's side of SOCKS5 (RFC 1928, RFC 1929) and SOCKS4 with 4a: pure, bytes in, what to do out.
import { isIP } from "node:net";
import type { CredentialCheck } from "./proxy-auth.js";
import { ipv6Text } from "./upstream-proxy/ipv6.js";

export type SocksStep =
  | { readonly kind: "more" }
  /** `used` of the bytes were understood; send the reply and go on. */
  | { readonly kind: "reply"; readonly used: number; readonly reply: Buffer }
  | { readonly kind: "connect"; readonly used: number; readonly host: string; readonly port: number }
  /** Send the reply and end the connection. */
  | { readonly kind: "refuse"; readonly reply: Buffer; readonly message: string };

/** What a client is told about its connection to the origin. */
export interface SocksReplies {
  readonly connected: Buffer;
  readonly failed: Buffer;
  readonly refused: Buffer;
}

/** SOCKS4's texts have no length of their own; SOCKS5's are at most this by theirs. */
const MAX_TEXT = 255;
const MORE: SocksStep = { kind: "more" };
const NOTHING = Buffer.alloc(0);

export const SOCKS5_REPLIES: SocksReplies = {
  connected: socks5Reply(0),
  failed: socks5Reply(4),
  refused: socks5Reply(5),
};
export const SOCKS4_REPLIES: SocksReplies = {
  connected: socks4Reply(0x5a),
  failed: socks4Reply(0x5b),
  refused: socks4Reply(0x5b),
};

export function looksLikeSocks(bytes: Buffer): boolean {
  return bytes[0] === 5 || bytes[0] === 4;
}

/** One client's handshake. `receive` gets the bytes that no earlier step has used; it never throws. */
export class SocksHandshake {
  readonly #check: CredentialCheck | undefined;
  #stage: "begin" | "credentials" | "request" = "begin";

  /** @param check absent: everyone may connect */
  constructor(check: CredentialCheck | undefined) {
    this.#check = check;
  }

  receive(bytes: Buffer): SocksStep {
    if (bytes.length < 2) return MORE;
    switch (this.#stage) {
      case "begin":
        return bytes[0] === 4 ? this.#socks4(bytes) : this.#methods(bytes);
      case "credentials":
        return this.#credentials(bytes);
      case "request":
        return socks5Request(bytes);
    }
  }

  #methods(bytes: Buffer): SocksStep {
    if (bytes[0] !== 5) return { kind: "refuse", reply: NOTHING, message: "not SOCKS4 or SOCKS5" };
    const used = 2 + bytes[1]!;
    if (bytes.length < used) return MORE;
    const offered = bytes.subarray(2, used);
    if (this.#check === undefined && offered.includes(0)) {
      this.#stage = "request";
      return { kind: "reply", used, reply: Buffer.from([5, 0]) };
    }
    // Some clients offer nothing else once they were given a user; without --proxy-auth any user may.
    if (offered.includes(2)) {
      this.#stage = "credentials";
      return { kind: "reply", used, reply: Buffer.from([5, 2]) };
    }
    const wanted = this.#check === undefined ? "no authentication, or a" : "a";
    const message = `a SOCKS5 client did not offer ${wanted} user and password`;
    return { kind: "refuse", reply: Buffer.from([5, 0xff]), message };
  }

  #credentials(bytes: Buffer): SocksStep {
    if (bytes[0] !== 1) return this.#refuseCredentials("a SOCKS5 client's user and password are malformed");
    const userEnd = 2 + bytes[1]!;
    if (bytes.length < userEnd + 1) return MORE;
    const used = userEnd + 1 + bytes[userEnd]!;
    if (bytes.length < used) return MORE;
    const given = { user: bytes.subarray(2, userEnd), password: bytes.subarray(userEnd + 1, used) };
    if (this.#check !== undefined && !this.#check(given))
      return this.#refuseCredentials("a SOCKS5 client gave a wrong user or password");
    this.#stage = "request";
    return { kind: "reply", used, reply: Buffer.from([1, 0]) };
  }

  #refuseCredentials(message: string): SocksStep {
    return { kind: "refuse", reply: Buffer.from([1, 1]), message };
  }

  #socks4(bytes: Buffer): SocksStep {
    if (bytes[1] !== 1) return refuse4("a SOCKS4 client asked for another command than CONNECT");
    if (this.#check !== undefined)
      return refuse4("SOCKS4 has no password: with --proxy-auth clients use SOCKS5 or HTTP");
    if (bytes.length < 8) return MORE;
    const port = bytes.readUInt16BE(2);
    const user = readText(bytes, 8);
    if (user === "more") return MORE;
    if (user === "too long") return refuse4("a SOCKS4 client's user is too long");
    const address = bytes.subarray(4, 8);
    const isNamed = address[0] === 0 && address[1] === 0 && address[2] === 0 && address[3] !== 0;
    if (!isNamed) return connectTo(address.join("."), port, user.end, refuse4);
    const name = readText(bytes, user.end);
    if (name === "more") return MORE;
    if (name === "too long") return refuse4("a SOCKS4a client's host name is too long");
    return connectTo(name.text, port, name.end, refuse4);
  }
}

function socks5Request(bytes: Buffer): SocksStep {
  const refuse = (reply: number, message: string): SocksStep => ({
    kind: "refuse",
    reply: socks5Reply(reply),
    message: `a SOCKS5 client ${message}`,
  });
  if (bytes[0] !== 5) return refuse(1, "sent no SOCKS5 request");
  if (bytes[1] !== 1) return refuse(7, "asked for another command than CONNECT");
  if (bytes.length < 5) return MORE;
  const lengths: Readonly<Record<number, number>> = { 1: 4, 3: 1 + bytes[4]!, 4: 16 };
  const length = lengths[bytes[3]!];
  if (length === undefined) return refuse(8, "used an unknown type of address");
  const end = 4 + length;
  if (bytes.length < end + 2) return MORE;
  const address = bytes.subarray(4, end);
  const host =
    length === 4 && bytes[3] === 1
      ? address.join(".")
      : bytes[3] === 4
        ? ipv6Text(address)
        : address.toString("latin1", 1);
  return connectTo(host, bytes.readUInt16BE(end), end + 2, (message) => ({
    kind: "refuse",
    reply: socks5Reply(1),
    message,
  }));
}

function connectTo(
  host: string,
  port: number,
  used: number,
  refuse: (message: string) => SocksStep,
): SocksStep {
  // What a CONNECT could name (proxy/target): nothing that would change the line of a head, or is no host at all.
  if (!/^[!$&'()*+,\-.0-9;=A-Z_a-z~]+$/.test(host) && isIP(host) !== 6) {
    return refuse("a SOCKS client named a host that is no host name");
  }
  if (port === 0) return refuse("a SOCKS client named port 0");
  return { kind: "connect", used, host, port };
}

function readText(bytes: Buffer, start: number): { text: string; end: number } | "more" | "too long" {
  const end = bytes.indexOf(0, start);
  if ((end === -1 ? bytes.length : end) - start > MAX_TEXT) return "too long";
  return end === -1 ? "more" : { text: bytes.toString("latin1", start, end), end: end + 1 };
}

function refuse4(message: string): SocksStep {
  return { kind: "refuse", reply: socks4Reply(0x5b), message };
}

/** The address that was bound is of no use to a client of CONNECT: zeros, as most servers send. */
function socks5Reply(code: number): Buffer {
  return Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]);
}

function socks4Reply(code: number): Buffer {
  return Buffer.from([0, code, 0, 0, 0, 0, 0, 0]);
}
