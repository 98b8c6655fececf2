// Redaction left `REDACTED-3` where a secret stood: such a place matches whatever a client has there.

const PLACEHOLDER = /REDACTED-\d+/;
const PLACEHOLDERS = /REDACTED-\d+/g;

export function hasPlaceholder(text: string): boolean {
  return PLACEHOLDER.test(text);
}

/** @param recorded text with placeholders. Linear but for their number. */
export function matchesRedacted(recorded: string, text: string): boolean {
  const pieces = recorded.split(PLACEHOLDERS);
  const first = pieces[0]!;
  const last = pieces.at(-1)!;
  if (pieces.length === 1) return recorded === text;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
    return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found === -1 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
