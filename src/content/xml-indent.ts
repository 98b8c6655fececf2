// Indents XML that was sent on one line. Only where tags meet: text between tags stays where it is.

const TOKEN = /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?[\s\S]*?\?>|<[^<>]*>|[^<]+|</y;
const MOST_INDENT = 30;
/** A text that would grow beyond this (`<a><a><a>…`) stays as it is. */
const MOST_GROWTH = 8;
const FREE_GROWTH = 64 * 1024;

/** The same text where it has line breaks of its own, or is no XML. */
export function indentXml(text: string): string {
  const lines = text.split("\n").length;
  if (lines > 3 && text.length / lines < 2000) return text;
  // Where the last comment has no end, each one would be looked for up to the end of the text.
  if (
    [
      ["<!--", "-->"],
      ["<![CDATA[", "]]>"],
      ["<?", "?>"],
    ].some(([open = "", close = ""]) => isUnclosed(text, open, close))
  ) {
    return text;
  }
  const output: string[] = [];
  let size = 0;
  const most = text.length * MOST_GROWTH + FREE_GROWTH;
  let depth = 0;
  let before: "open" | "other" | "text" = "text";
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const token = match[0];
    if (!token.startsWith("<") || token.startsWith("<![CDATA[")) {
      if (token.trim() === "" && before !== "text") continue;
      output.push(token);
      before = "text";
      continue;
    }
    const closes = token.startsWith("</");
    if (closes) depth = Math.max(0, depth - 1);
    const isEmptyElement = closes && before === "open";
    const indent = 2 * Math.min(depth, MOST_INDENT);
    if (before !== "text" && !isEmptyElement) output.push(`\n${" ".repeat(indent)}`);
    size += token.length + indent;
    if (size > most) return text;
    output.push(token);
    const opens = !closes && !token.endsWith("/>") && !/^<[!?]/.test(token);
    if (opens) depth++;
    before = opens ? "open" : "other";
  }
  return output.join("");
}

function isUnclosed(text: string, open: string, close: string): boolean {
  const last = text.lastIndexOf(open);
  return last !== -1 && text.indexOf(close, last) === -1;
}
