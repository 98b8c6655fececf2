// Strings that are kept for a whole export.

/**
 * A part of a text, as V8 makes it, keeps the whole text in memory: what is kept for long must not keep every body in
 * which it stood.
 */
export function copyOf(text: string): string {
  // Most are ASCII, which takes one byte for each character.
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length === text.length) return bytes.toString("latin1");
  return Buffer.from(text, "utf16le").toString("utf16le");
}
