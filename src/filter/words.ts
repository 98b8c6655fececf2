// Words and quoted strings of a filter, as pyparsing's CharsNotIn and QuotedString read them in mitmproxy.

export interface Word {
  readonly text: string;
  /** Where each character of `text` is in the filter, and where the word ends. */
  readonly offsets: readonly number[];
  /** Index behind the word and its quotes. */
  readonly end: number;
}

export const SPACE: ReadonlySet<string> = new Set([" ", "\t", "\n", "\r"]);

const NO_WORD = /[()~'" \t\n\r]/;
const NO_VALUE = /[()~'" \t\n\r&|!]/;

/** @returns undefined where neither a word nor a whole quoted string is at `at` */
export function readWord(text: string, at: number): Word | undefined {
  return isQuote(text[at]) ? readQuoted(text, at) : readBare(text, at, NO_WORD);
}

/** A value that is no pattern ends before `&`, `|` and `!`; blanks behind a comparison or a comma don't end it. */
export function readValue(text: string, at: number): Word | undefined {
  if (isQuote(text[at])) return readQuoted(text, at);
  let word = readBare(text, at, NO_VALUE);
  while (word !== undefined && /^[<>=]+$|,$/.test(word.text)) {
    let next = word.end;
    while (SPACE.has(text[next] ?? "")) next++;
    const more = readBare(text, next, NO_VALUE);
    if (more === undefined) break;
    word = {
      text: word.text + more.text,
      offsets: [...word.offsets.slice(0, -1), ...more.offsets],
      end: more.end,
    };
  }
  return word;
}

function readBare(text: string, at: number, stop: RegExp): Word | undefined {
  let end = at;
  while (end < text.length && !stop.test(text[end]!)) end++;
  if (end === at) return undefined;
  return { text: text.slice(at, end), offsets: Array.from({ length: end - at + 1 }, (_, i) => at + i), end };
}

const QUOTED = /"(?:[^"\n\r\\]|\\[^\n])*"|'(?:[^'\n\r\\]|\\[^\n])*'/y;
const ESCAPE = /\\(?:([0-7]{3})|0|[xX]([0-9a-fA-F]{2})|[uU]([0-9a-fA-F]{4})|([\s\S]))/y;
const WHITE: Readonly<Record<string, string>> = { t: "\t", n: "\n", f: "\f", r: "\r" };

function readQuoted(source: string, at: number): Word | undefined {
  QUOTED.lastIndex = at;
  const match = QUOTED.exec(source);
  if (match === null) return undefined;
  const end = at + match[0].length;
  let text = "";
  const offsets: number[] = [];
  for (let i = at + 1; i < end - 1; ) {
    const [character, length] = readCharacter(source, i);
    for (let unit = 0; unit < character.length; unit++) offsets.push(i);
    text += character;
    i += length;
  }
  return { text, offsets: [...offsets, end - 1], end };
}

function readCharacter(source: string, at: number): [character: string, length: number] {
  if (source[at] !== "\\") return [source[at]!, 1];
  ESCAPE.lastIndex = at;
  const match = ESCAPE.exec(source)!;
  const [whole, octal, hex, unicode, other] = match;
  if (octal !== undefined) return [String.fromCharCode(Number.parseInt(octal, 8)), whole.length];
  const code = hex ?? unicode;
  if (code !== undefined) return [String.fromCharCode(Number.parseInt(code, 16)), whole.length];
  if (other === undefined) return ["\0", whole.length];
  return [WHITE[other] ?? other, whole.length];
}

function isQuote(character: string | undefined): boolean {
  return character === '"' || character === "'";
}
