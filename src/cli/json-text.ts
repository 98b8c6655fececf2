// Colours for JSON that is already laid out. Works on the text, so that numbers and order stay as they came.
import type { Colours } from "./print.js";

const TOKEN = /"(?:[^"\\]|\\.)*"(\s*:)?|-?\d[\d.eE+-]*|\b(?:true|false|null)\b/g;

export function paintJson(text: string, colours: Colours): string {
  if (colours.level === 0) return text;
  return text.replace(TOKEN, (token: string, colon: string | undefined) => {
    if (colon !== undefined) return `${colours.cyan(token.slice(0, -colon.length))}${colon}`;
    if (token.startsWith('"')) return colours.green(token);
    return /^[-\d]/.test(token) ? colours.yellow(token) : colours.magenta(token);
  });
}
