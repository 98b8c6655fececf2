// Reads what --upstream-proxy names: a proxy that connections to origins go through.
import { TrafficError } from "../../errors.js";
import type { Credentials } from "../proxy-auth.js";

export interface UpstreamProxy {
  /** How it is spoken to; `https` is CONNECT within TLS. Names are always left to the proxy to resolve. */
  readonly protocol: "http" | "https" | "socks5" | "socks4a";
  /** No brackets around IPv6. */
  readonly host: string;
  readonly port: number;
  readonly credentials?: Credentials;
  /** Its URL without user and password, for messages. */
  readonly name: string;
}

const PROTOCOLS: Readonly<Record<string, { protocol: UpstreamProxy["protocol"]; port: number }>> = {
  http: { protocol: "http", port: 80 },
  https: { protocol: "https", port: 443 },
  socks5: { protocol: "socks5", port: 1080 },
  // curl's word for SOCKS5 where the proxy resolves names, which socks5 means here anyway.
  socks5h: { protocol: "socks5", port: 1080 },
  socks4a: { protocol: "socks4a", port: 1080 },
};

const FORMS = "http, https, socks5 or socks4a: --upstream-proxy http://user:password@proxy.example:3128";

/** @throws TrafficError BAD_OPTION. */
export function parseUpstreamProxy(text: string): UpstreamProxy {
  const match = /^([a-z][a-z0-9]*):\/\/(.*)$/i.exec(text.trim());
  const known = match === null ? undefined : PROTOCOLS[match[1]!.toLowerCase()];
  if (match === null || known === undefined) throw bad(`takes ${FORMS}`);
  // As http: for other schemes the URL parser is laxer about hosts and ports, and has no default port.
  const url = `http://${match[2]}`;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^\/?$/.test(parsed.pathname + parsed.search + parsed.hash)) {
    throw bad("percent-encode '/', '?', '#' and '%' in the user and the password (%2F, %3F, %23, %25)");
  }
  const host = parsed.hostname.replace(/^\[|\]$/g, "");
  const port = parsed.port !== "" ? Number(parsed.port) : /:80\/?$/.test(match[2]!) ? 80 : known.port;
  if (port === 0) throw bad("a port is a number from 1 to 65535");
  const name = `${match[1]!.toLowerCase()}://${parsed.hostname}:${port}`;
  const { username, password } = parsed;
  if (username === "" && password === "") return { protocol: known.protocol, host, port, name };
  const credentials = { user: decode(username), password: decode(password) };
  if (known.protocol === "socks4a" && credentials.password !== "") {
    throw bad("SOCKS4a has a user but no password; use socks5");
  }
  if (known.protocol === "socks5" && [credentials.user, credentials.password].some(tooLong)) {
    throw bad("SOCKS5 takes a user and a password of at most 255 bytes each");
  }
  return { protocol: known.protocol, host, port, credentials, name };
}

function tooLong(text: string): boolean {
  return Buffer.byteLength(text) > 255;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw bad("a '%' in the user or the password is written %25");
  }
}

/** The value is not shown: what is no URL may have a password anywhere. */
function bad(hint: string): TrafficError {
  return new TrafficError("BAD_OPTION", "a value of --upstream-proxy is no proxy's URL", { hint });
}
