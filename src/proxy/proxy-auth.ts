// --proxy-auth: who may use the proxy. Basic (RFC 7617) for HTTP, user and password (RFC 1929) for SOCKS5.
import { createHash, timingSafeEqual } from "node:crypto";
import { headerValues, type RawHeaders } from "../exchange/headers.js";
import type { RequestHead } from "./http1/head.js";
import type { RequestRoute } from "./http1/request-route.js";
import { plainAnswer } from "./own-answer.js";

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

export type CredentialCheck = (given: { user: Buffer; password: Buffer }) => boolean;

/** @returns a check whose time tells nothing about what it compares with */
export function credentialCheck(expected: Credentials): CredentialCheck {
  const wanted = digest(Buffer.from(expected.user), Buffer.from(expected.password));
  return ({ user, password }) => timingSafeEqual(digest(user, password), wanted);
}

/** The lengths keep `ab` and `c` apart from `a` and `bc`. */
function digest(user: Buffer, password: Buffer): Buffer {
  return createHash("sha256").update(`${user.length}:`).update(user).update(password).digest();
}

/** What the Proxy-Authorization of a request says; `none` where it has none that is Basic. */
export function authorisation(head: RequestHead, check: CredentialCheck): "right" | "wrong" | "none" {
  const [value] = headerValues(head.headers, "proxy-authorization");
  return value === undefined ? "none" : judged(value, check);
}

function judged(value: string, check: CredentialCheck): "right" | "wrong" | "none" {
  const token = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(value);
  if (token === null) return "none";
  const bytes = Buffer.from(token[1]!, "base64");
  const colon = bytes.indexOf(":");
  if (colon === -1) return "wrong";
  return check({ user: bytes.subarray(0, colon), password: bytes.subarray(colon + 1) }) ? "right" : "wrong";
}

/** Our own credentials are nothing of the exchange with the origin: they are neither recorded nor sent on. */
export function withoutAuthorisation(head: RequestHead): RequestHead {
  const headers = head.headers.filter(([name]) => name.toLowerCase() !== "proxy-authorization");
  return { ...head, headers };
}

/**
 * Inside of a tunnel the field is between client and origin, which may be a proxy itself. But some clients repeat there
 * what the CONNECT had (RFC 9110 section 11.7.2: it is for the next proxy only): ours goes no further.
 * @returns the same fields where none of them has our own credentials
 */
export function withoutOwnCredentials(fields: RawHeaders, check: CredentialCheck | undefined): RawHeaders {
  if (check === undefined) return fields;
  const kept = fields.filter(
    ([name, value]) => name.toLowerCase() !== "proxy-authorization" || judged(value, check) !== "right",
  );
  return kept.length === fields.length ? fields : kept;
}

/** The same of a head of HTTP/1, of whose bytes the rest stays as it came. */
export function headWithoutOwnCredentials(
  head: RequestHead,
  check: CredentialCheck | undefined,
): RequestHead {
  if (check === undefined || !head.facts.hasProxyFields) return head;
  const headers = withoutOwnCredentials(head.headers, check);
  if (headers === head.headers) return head;
  const withoutLine = (line: string, value: string): string =>
    judged(value.replace(/^[ \t]+/, ""), check) === "right" ? "" : line;
  const text = head.bytes.toString("latin1").replace(AUTHORIZATION_LINES, withoutLine);
  return { ...head, headers, bytes: Buffer.from(text, "latin1") };
}

const AUTHORIZATION_LINES = /\r\nproxy-authorization:([^\r\n]*)/gi;

/** RFC 9110 section 15.5.8. */
export function authenticationRequired(given: "wrong" | "none"): RequestRoute {
  const sentence =
    given === "wrong"
      ? "the user or the password for this proxy is wrong"
      : "this proxy wants a user and a password: http://user:password@host:port";
  const challenge: RawHeaders = [["Proxy-Authenticate", 'Basic realm="trafficctl", charset="UTF-8"']];
  const answer = plainAnswer(407, "Proxy Authentication Required", sentence, challenge);
  return { kind: "answer", answer };
}
