// What a client is told when its origin fails: the status of a gateway (RFC 9110 sections 15.6.3 and 15.6.5) and the
// error type of RFC 9209 (Proxy-Status). One table for the answer and for whoever counts failures.
import type { ExchangeErrorCode } from "./exchange.js";

export interface GatewayError {
  readonly status: 502 | 504;
  /** RFC 9209 section 2.3. */
  readonly proxyStatus: string;
}

const GATEWAY_ERRORS: Readonly<Partial<Record<ExchangeErrorCode, GatewayError>>> = {
  "dns-failed": { status: 502, proxyStatus: "dns_error" },
  "connect-refused": { status: 502, proxyStatus: "connection_refused" },
  "connect-failed": { status: 502, proxyStatus: "destination_unavailable" },
  "connect-timeout": { status: 504, proxyStatus: "connection_timeout" },
  "tls-untrusted": { status: 502, proxyStatus: "tls_certificate_error" },
  "tls-failed": { status: 502, proxyStatus: "tls_protocol_error" },
  timeout: { status: 504, proxyStatus: "http_response_timeout" },
  "origin-reset": { status: 502, proxyStatus: "connection_terminated" },
  "origin-closed": { status: 502, proxyStatus: "http_response_incomplete" },
  loop: { status: 502, proxyStatus: "proxy_loop_detected" },
  "origin-malformed": { status: 502, proxyStatus: "http_protocol_error" },
};

/** @returns undefined for failures that are not the origin's, which get no answer. */
export function gatewayError(code: ExchangeErrorCode): GatewayError | undefined {
  return GATEWAY_ERRORS[code];
}
