// Why an exchange failed, as it is recorded.
import type { ExchangeError } from "../../exchange/exchange.js";
import type { OriginFailure } from "../ends.js";

const ORIGIN_CODES = {
  reset: "origin-reset",
  closed: "origin-closed",
  malformed: "origin-malformed",
} as const;

export const STOPPED: ExchangeError = {
  code: "stopped",
  message: "trafficctl was stopped while this exchange was under way",
};

export const ABANDONED: ExchangeError = {
  code: "aborted",
  message: "a rule or a breakpoint ended the exchange without an answer",
};

export const CLIENT_ENDED: ExchangeError = {
  code: "client-closed",
  message:
    "the client ended its side before the response was complete, and HTTP/2 has no half-close to pass on",
};

export const UNASKED_SWITCH: ExchangeError = {
  code: "origin-malformed",
  message: "the origin switched protocols, which HTTP/2 did not ask for",
};

export function silence(timeoutMs: number): ExchangeError {
  return { code: "timeout", message: `the origin sent no response within ${timeoutMs / 1000} s` };
}

/**
 * @param clientLeft the client had ended its side before
 * @param begun there is some of a response
 */
export function originError(
  { kind, message }: OriginFailure,
  clientLeft: boolean,
  begun: boolean,
): ExchangeError {
  // How a client that leaves looks from here: its half-close went to the origin, which then gave up.
  if (kind === "closed" && clientLeft) {
    const when = begun ? "before the response was complete" : "before a response";
    return {
      code: "client-closed",
      message: `the client ended its side ${when}, and the origin then did so too`,
    };
  }
  return { code: ORIGIN_CODES[kind], message };
}
