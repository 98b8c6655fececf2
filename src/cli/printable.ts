// Nothing that a peer sent steers the terminal.

/** One line of header-like text: control characters and bytes above 0x7e are shown escaped. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, escaped);
}

/** Decoded text of several lines: line breaks and tabs stay, other control characters are shown escaped. */
export function printableText(text: string): string {
  // Format characters too (bidirectional overrides): they make text read as something else.
  return text.replaceAll("\r\n", "\n").replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    escaped,
  );
}

/** One line of what a person wrote, a rule's name say: letters of all scripts stay. */
export function printableLine(text: string): string {
  return printableText(text).replace(/[\n\t]/g, escaped);
}

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  return code <= 0xff
    ? `\\x${code.toString(16).padStart(2, "0")}`
    : `\\u${code.toString(16).padStart(4, "0")}`;
}
