// Named fields of a multipart form (RFC 7578): the content of such a part is left out. Whoever reads forms is lenient, so
// that a part counts as named where any reading of its head gives a name that is.
import { parseMultipart } from "../content/multipart.js";
import { type KnownValues, REDACTED } from "./known-values.js";

export interface FieldChanges {
  isNamed(name: string): boolean;
  /** Of a part that is not named. @returns undefined where it has to go as a whole */
  inner(content: Buffer, contentType: string): Buffer | undefined;
}

/** @returns undefined where its parts can't be told apart */
export function namedFields(
  bytes: Buffer,
  contentType: string,
  { isNamed, inner }: FieldChanges,
  known: KnownValues,
): Buffer | undefined {
  const { parts, problem } = parseMultipart(bytes, contentType);
  // A part that is cut off reaches to the end; beyond the most parts nothing is told.
  if (problem !== undefined && parts.at(-1)?.end !== bytes.length) return undefined;
  const pieces: Buffer[] = [];
  let done = 0;
  let before = 0;
  for (const { name = "", start, end, contentType: type } of parts) {
    const head = bytes.toString("latin1", before, start);
    before = end;
    const isMeant = isNamed(name) || namesIn(head).some(isNamed);
    // A head that does not end may be a value.
    if (end <= start && isMeant && /\n[^\r\n]+\r?\n?$/.test(head) && !/\r?\n\r?\n$/.test(head))
      return undefined;
    if (end <= start) continue;
    const value = bytes.subarray(start, end);
    if (isMeant && value.length <= LONGEST_KNOWN) known.add(value.toString("utf8"));
    const after = isMeant ? undefined : inner(value, type);
    if (after === value) continue;
    pieces.push(bytes.subarray(done, start), after ?? Buffer.from(REDACTED));
    done = end;
  }
  return done === 0 ? bytes : Buffer.concat([...pieces, bytes.subarray(done)]);
}

/** A longer one is a file. */
const LONGEST_KNOWN = 8192;

/** In quotes of either kind or none, extended (RFC 8187), on a line of its own (RFC 5322 section 2.2.3). */
function namesIn(head: string): string[] {
  return [...head.matchAll(/(?<![\w-])name\*?\s*=\s*(?:utf-8'[^']*')?["']?([^"';\r\n]*)/gi)].map(
    ([, name = ""]) => {
      try {
        return decodeURIComponent(name.trim());
      } catch {
        return name.trim();
      }
    },
  );
}
