// The pseudo-header fields of a request together (RFC 9113 section 8.3.1, CONNECT in 8.5, RFC 8441 section 4).
import { FieldKind } from "./field-kind.js";

type PseudoValues = readonly (string | undefined)[];

/**
 * @param pseudo values by FieldKind
 * @returns what is wrong with them, or undefined
 */
export function checkRequestTarget(
  pseudo: PseudoValues,
  hasHost: boolean,
  connectProtocol: boolean,
): string | undefined {
  const method = pseudo[FieldKind.method];
  if (method === undefined) return "a request without :method";
  const authority = pseudo[FieldKind.authority];
  if (!isMethod(method)) return "a request whose :method is no token";
  if (authority !== undefined && !isAuthority(authority))
    return "a request whose :authority is no host and port";
  if (pseudo[FieldKind.protocol] !== undefined) {
    if (!connectProtocol) return "a request with :protocol, which was not offered";
    if (method !== "CONNECT") return "a request with :protocol that is no CONNECT";
  } else if (method === "CONNECT") return checkConnect(pseudo);
  return checkLocation(pseudo, method, authority !== undefined || hasHost);
}

function checkConnect(pseudo: PseudoValues): string | undefined {
  if (pseudo[FieldKind.authority] === undefined) return "a CONNECT request without :authority";
  if (pseudo[FieldKind.scheme] !== undefined || pseudo[FieldKind.path] !== undefined) {
    return "a CONNECT request with :scheme or :path";
  }
  return undefined;
}

function checkLocation(pseudo: PseudoValues, method: string, hasAuthority: boolean): string | undefined {
  const scheme = pseudo[FieldKind.scheme];
  const path = pseudo[FieldKind.path];
  if (scheme === undefined || path === undefined) return "a request without :scheme or :path";
  if (!isVisible(path)) return "a request whose :path has spaces or control characters";
  if (scheme !== "https" && scheme !== "http") {
    return SCHEME.test(scheme) ? undefined : "a request whose :scheme is none";
  }
  if (!hasAuthority) return "a request without :authority and host";
  if (path.charCodeAt(0) === SLASH) return undefined;
  if (path === "*" && method === "OPTIONS") return undefined;
  return "a request whose :path is no path";
}

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/;
const SLASH = 47;

function isMethod(method: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(method);
}

/** Without user information, which section 8.3.1 forbids, and without what would end an authority. */
function isAuthority(authority: string): boolean {
  return authority !== "" && isVisible(authority) && !/[/?#@\\]/.test(authority);
}

function isVisible(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code <= 32 || code === 127) return false;
  }
  return true;
}
