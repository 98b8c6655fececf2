// How deep the lists and maps of a YAML text may go, found before it is parsed: the parser is recursive, and V8 ends the
// whole process when it compiles a regular expression with no stack left (measured at 2,000 levels).
import { Lexer } from "yaml";

const DEEPEST = 60;

/** @returns line and column of the first bracket or indentation beyond the limit */
export function tooDeepAt(text: string): { readonly line: number; readonly column: number } | undefined {
  let flow = 0;
  let line = 1;
  let column = 1;
  let onLine = 0;
  const indents: number[] = [];
  for (const token of new Lexer().lex(text)) {
    if (token === "[" || token === "{") flow++;
    if (token === "]" || token === "}") flow = Math.max(0, flow - 1);
    // Within brackets only brackets go deeper.
    if (flow === 0 && /^[-?:]$/.test(token)) onLine++;
    if (flow + indents.length + onLine > DEEPEST) return { line, column };
    // Document marks and the kinds of scalars are control characters of the lexer's own.
    const breaks = token.split("\n");
    if (breaks.length > 1) {
      line += breaks.length - 1;
      column = 1 + breaks.at(-1)!.length;
      onLine = 0;
      continue;
    }
    if (column === 1 && /^ +$/.test(token)) indented(indents, token.length);
    else if (column === 1) indented(indents, 0);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the lexer's marks are control characters
    if (!/^[\x02\x18\x1f]$/.test(token)) column += token.length;
  }
  return undefined;
}

function indented(indents: number[], width: number): void {
  while (indents.length > 0 && indents.at(-1)! >= width) indents.pop();
  if (width > 0) indents.push(width);
}
