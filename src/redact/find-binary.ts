// Redacts bytes that are no text (protobuf, msgpack, images): what is found is overwritten with as many bytes, so that
// lengths and offsets within stay true.
import { findTokens } from "./find-tokens.js";
import { Scan } from "./scan.js";
import type { Work } from "./work.js";

/** Each character of `latin1` is one byte, before and after. */
export function redactBinary(latin1: string, work: Work): string {
  const scan = new Scan(latin1, work);
  findTokens(scan, 0, latin1.length, true);
  work.vault.index.search(latin1, scan.covered(), (start, end, { secret }) => {
    scan.secret(start, end, "known", secret, "none");
  });
  const replacements = scan.replacements();
  if (replacements.length === 0) return latin1;
  const pieces: string[] = [];
  let done = 0;
  for (const { start, end, text } of replacements) {
    const stop = framedEnd(latin1, start, end);
    pieces.push(latin1.slice(done, start), padded(text, stop - start));
    done = stop;
  }
  pieces.push(latin1.slice(done));
  return pieces.join("");
}

function padded(placeholder: string, length: number): string {
  return placeholder.length > length
    ? "REDACTED".slice(0, length).padEnd(length, "-")
    : placeholder.padEnd(length, "-");
}

/** A token's pattern may run on into the next field, whose tag looks like a letter: a length before it ends it there. */
function framedEnd(bytes: string, start: number, end: number): number {
  const length = end - start;
  const at = (back: number): number => (start >= back ? bytes.charCodeAt(start - back) : 0);
  const candidates = [at(1), (at(2) & 127) | (at(1) << 7), (at(2) << 8) | at(1)];
  const framed = candidates.find((each) => each >= 16 && each <= length && length - each <= 8);
  return framed === undefined ? end : start + framed;
}
