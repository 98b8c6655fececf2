// Named fields of a multipart form (RFC 7578): the content of such a part is left out.
import { parseMultipart } from "../content/multipart.js";
import { type KnownValues, REDACTED } from "./known-values.js";

/** @returns undefined where its parts can't be told apart */
export function namedFields(
  bytes: Buffer,
  contentType: string,
  isNamed: (name: string) => boolean,
  known: KnownValues,
): Buffer | undefined {
  const { parts, problem } = parseMultipart(bytes, contentType);
  if (problem !== undefined && parts.length === 0) return undefined;
  const pieces: Buffer[] = [];
  let done = 0;
  for (const { name = "", start, end } of parts) {
    if (end <= start || !isNamed(name)) continue;
    const value = bytes.subarray(start, end);
    if (value.length <= LONGEST_KNOWN) known.add(value.toString("utf8"));
    pieces.push(bytes.subarray(done, start), Buffer.from(REDACTED));
    done = end;
  }
  return done === 0 ? bytes : Buffer.concat([...pieces, bytes.subarray(done)]);
}

/** A longer one is a file. */
const LONGEST_KNOWN = 8192;
