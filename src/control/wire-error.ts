// Errors that cross the control socket: a TrafficError arrives as the TrafficError that it was.
import { ERROR_CODES, type ErrorCode, TrafficError, toTrafficError } from "../errors.js";
import type { WireError } from "./protocol.js";

const CODES: ReadonlySet<string> = new Set(ERROR_CODES);

export function toWire(thrown: unknown): WireError {
  const { code, message, hint } = toTrafficError(thrown);
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}

/** A code of another version's is INTERNAL here, and named in the message. */
export function fromWire({ code, message, hint }: WireError): TrafficError {
  const options = hint === undefined ? {} : { hint };
  if (isCode(code)) return new TrafficError(code, message, options);
  return new TrafficError("INTERNAL", `${message} (${code})`, options);
}

function isCode(code: string): code is ErrorCode {
  return CODES.has(code);
}
