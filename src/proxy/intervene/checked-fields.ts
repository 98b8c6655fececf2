// What an intervention gives is checked before it is written: a value with a line break would be another field, or another
// message (RFC 9112 section 11.1), and templates put what clients send into values.
import type { RawHeaders } from "../../exchange/headers.js";

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const FORBIDDEN_IN_VALUE = /[\x00\r\n]/;
const BEYOND_LATIN1 = /[\u0100-\uffff]/;
const UNSAFE_IN_TARGET = /[^\u0021-\u007e]+/g;

/** Something was given that can't be sent. A defect of the rule, told of in the exchange's error. */
export class UnsendableError extends Error {
  override readonly name = "UnsendableError";
}

/**
 * @returns the fields with each character one byte: a value beyond latin-1 as its UTF-8
 * @throws UnsendableError
 */
export function checkedFields(fields: RawHeaders): RawHeaders {
  for (const [name, value] of fields) {
    if (!TOKEN.test(name)) throw new UnsendableError(`${JSON.stringify(name)} is no name of a header`);
    if (FORBIDDEN_IN_VALUE.test(value)) {
      throw new UnsendableError(`the value of ${name} has a line break or a NUL, which no header can carry`);
    }
  }
  if (!fields.some(([, value]) => BEYOND_LATIN1.test(value))) return fields;
  return fields.map(([name, value]) => [name, asBytes(value)]);
}

/** @throws UnsendableError */
export function checkedMethod(method: string): string {
  if (!TOKEN.test(method) || method === "CONNECT") {
    throw new UnsendableError(`${JSON.stringify(method)} can't be the method of a request`);
  }
  return method;
}

/** @throws UnsendableError where it is no final status: 200 to 999 */
export function checkedStatus(status: number): number {
  if (!Number.isInteger(status) || status < 200 || status > 999) {
    throw new UnsendableError(`${status} can't be the status of a response`);
  }
  return status;
}

/** @throws UnsendableError */
export function checkedReason(reason: string): string {
  if (FORBIDDEN_IN_VALUE.test(reason))
    throw new UnsendableError("the reason phrase has a line break or a NUL");
  return asBytes(reason);
}

/** Blanks and what is beyond ASCII would end or garble the request line: percent-encoded. */
export function checkedTarget(target: string): string {
  return target.replace(UNSAFE_IN_TARGET, (text) => {
    let encoded = "";
    for (const byte of Buffer.from(text)) encoded += `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    return encoded;
  });
}

function asBytes(value: string): string {
  return BEYOND_LATIN1.test(value) ? Buffer.from(value).toString("latin1") : value;
}
