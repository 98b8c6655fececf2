// What other tools call a failure, as our code for it.
import { EXCHANGE_ERROR_CODES, type ExchangeError, type ExchangeErrorCode } from "../exchange/exchange.js";

const NAMES: readonly (readonly [RegExp, ExchangeErrorCode])[] = [
  [/ERR_NAME_|UNKNOWN_HOST|ENOTFOUND|EAI_AGAIN|DNS/i, "dns-failed"],
  [/CONNECTION_REFUSED|ECONNREFUSED/i, "connect-refused"],
  [/CONNECTION_TIMED_OUT|NET_TIMEOUT/i, "connect-timeout"],
  [/ADDRESS_UNREACHABLE|INTERNET_DISCONNECTED|PROXY_CONNECTION|TUNNEL_CONNECTION/i, "connect-failed"],
  [/ERR_CERT_|SEC_ERROR|UNKNOWN_ISSUER/i, "tls-untrusted"],
  [/ERR_SSL_|SSL_ERROR|ERR_BAD_SSL/i, "tls-failed"],
  [/TIMED_OUT|TIMEOUT/i, "timeout"],
  [/CONNECTION_RESET|ECONNRESET|NET_RESET/i, "origin-reset"],
  [
    /CONNECTION_CLOSED|EMPTY_RESPONSE|NET_INTERRUPT|CONTENT_LENGTH_MISMATCH|INCOMPLETE_CHUNKED/i,
    "origin-closed",
  ],
  [/ERR_INVALID_|ERR_HTTP2_PROTOCOL|RESPONSE_HEADERS_/i, "origin-malformed"],
  [/ABORTED|CANCELLED|CANCELED|BLOCKED_BY|aborted/i, "client-closed"],
];

const OURS: ReadonlySet<string> = new Set(EXCHANGE_ERROR_CODES);

/** @param text `net::ERR_CONNECTION_RESET`, `NS_BINDING_ABORTED`, or our own `code: message`. */
export function errorOf(text: string): ExchangeError {
  const [, code = "", message = ""] = /^([a-z-]+): (.*)$/s.exec(text) ?? [];
  if (isOurs(code)) return { code, message };
  const found = NAMES.find(([pattern]) => pattern.test(text))?.[1];
  return { code: found ?? "unknown", message: text === "" ? "no response, and no reason given" : text };
}

function isOurs(code: string): code is ExchangeErrorCode {
  return OURS.has(code);
}
