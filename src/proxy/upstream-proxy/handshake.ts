// What every proxy protocol is to the connection below: bytes to send, bytes to read, and an end or a refusal.
import type { ExchangeErrorCode } from "../../exchange/exchange.js";

/** What is to be done with the bytes read so far that no earlier step has used. */
export type HandshakeStep =
  /** They are not enough. */
  | { readonly kind: "more" }
  /** `used` of them were understood; `send` is next. */
  | { readonly kind: "reply"; readonly used: number; readonly send: Buffer }
  /** The way is open; what follows the `used` bytes is the origin's. */
  | { readonly kind: "open"; readonly used: number }
  | {
      readonly kind: "refused";
      /** Ends the sentence "the upstream proxy NAME ...". */
      readonly message: string;
      readonly code: ExchangeErrorCode;
    };

/** One handshake; a machine without a connection. `receive` never throws. */
export interface ProxyHandshake {
  readonly greeting: Buffer;
  receive(bytes: Buffer): HandshakeStep;
}

export const MORE: HandshakeStep = { kind: "more" };

export function refused(message: string, code: ExchangeErrorCode = "connect-failed"): HandshakeStep {
  return { kind: "refused", message, code };
}
