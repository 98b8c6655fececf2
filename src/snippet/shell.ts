// Quoting for a POSIX shell: what is printed runs in sh, bash, dash and zsh alike.
import { plainText } from "./request.js";

/** One word for the shell. */
export function shellQuote(text: string): string {
  if (/^[A-Za-z0-9_\-.,:/=@%+]+$/.test(text)) return text;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * One word from a header's value, each character of which is a byte: as text where the bytes are UTF-8, else by printf.
 * A value cannot hold NUL or a line break.
 */
export function shellQuoteBytes(latin1: string): string {
  const bytes = Buffer.from(latin1, "latin1");
  const text = plainText(bytes);
  if (text !== undefined) return shellQuote(text);
  const octal = [...bytes].map((byte) => {
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x25 && byte !== 0x5c && byte !== 0x27;
    return isPlain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`;
  });
  return `"$(printf '${octal.join("")}')"`;
}
