// Redacts a content that is too large to be held, in pieces that overlap: a secret on the edge of one piece stands
// whole in the next.
import type { ContentPlace, Redaction } from "../redaction.js";
import { characterEnd } from "./contents.js";

const PIECE = 2 * 1024 * 1024;
/** Longer than any secret that has a shape; text is cut at a place where no secret goes on. */
const OVERLAP = 64 * 1024;

/** @param isText UTF-8; else bytes, of which as many come out as went in. */
export async function* redactedPieces(
  source: AsyncIterable<Buffer>,
  place: ContentPlace,
  redaction: Redaction,
  isText: boolean,
): AsyncGenerator<Buffer> {
  const typed = isText
    ? place
    : { ...place, headers: [["Content-Type", "application/octet-stream"] as const] };
  let waiting: Buffer[] = [];
  let length = 0;
  let carried: Buffer = Buffer.alloc(0);
  for await (const piece of source) {
    waiting.push(piece);
    length += piece.length;
    if (length < PIECE) continue;
    const bytes = Buffer.concat([carried, ...waiting]);
    const end = isText ? textCut(bytes) : bytes.length;
    const clean = redaction.content(bytes.subarray(0, end), typed).bytes;
    // Bytes keep their number: what is carried on has been redacted once, and is looked at again with what follows it.
    const keep = isText ? 0 : Math.min(OVERLAP, clean.length);
    yield clean.subarray(0, clean.length - keep);
    carried = Buffer.concat([clean.subarray(clean.length - keep), bytes.subarray(end)]);
    waiting = [];
    length = 0;
  }
  yield redaction.content(Buffer.concat([carried, ...waiting]), typed).bytes;
}

/**
 * Where no secret goes on: before a private key whose end has not come, behind a line break, behind a comma. A space
 * comes last: in `"password": "x"` it would part the name from its value.
 */
function textCut(bytes: Buffer): number {
  const from = Math.max(0, bytes.length - OVERLAP);
  const key = bytes.lastIndexOf("-----BEGIN ");
  if (key > from && bytes.indexOf("-----END ", key) === -1) return key;
  for (const separator of ["\n", ",", "&", " "]) {
    const at = bytes.lastIndexOf(separator);
    if (at > from) return at + 1;
  }
  return characterEnd(bytes);
}
