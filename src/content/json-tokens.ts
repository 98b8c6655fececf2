// JSON as its tokens, each as it was sent: what is shown keeps the order of members and every digit of a number.

export interface JsonToken {
  readonly kind: "punctuation" | "key" | "string" | "number" | "literal" | "other";
  /** As sent, escapes and all. */
  readonly text: string;
}

const WORD = /[^\s"{}[\],:]+/y;

/** The tokens of any text, white space left out; never throws. What is not JSON is `other`. */
export function* jsonTokens(text: string): Generator<JsonToken> {
  for (let at = skipSpace(text, 0); at < text.length; at = skipSpace(text, at)) {
    const token = tokenAt(text, at);
    at += token.text.length;
    yield token;
  }
}

function tokenAt(text: string, at: number): JsonToken {
  const first = text.charAt(at);
  if (first === '"') {
    const end = stringEnd(text, at);
    const isKey = text[skipSpace(text, end)] === ":";
    return { kind: isKey ? "key" : "string", text: text.slice(at, end) };
  }
  if ("{}[],:".includes(first)) return { kind: "punctuation", text: first };
  WORD.lastIndex = at;
  const word = WORD.exec(text)?.[0] ?? first;
  if (/^-?\d[\d.eE+-]*$/.test(word)) return { kind: "number", text: word };
  return { kind: /^(?:true|false|null)$/.test(word) ? "literal" : "other", text: word };
}

function skipSpace(text: string, at: number): number {
  let index = at;
  while (index < text.length && /\s/.test(text.charAt(index))) index++;
  return index;
}

function stringEnd(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return text.length;
}

const DEEPEST_INDENT = 60;
/** Indentation may grow a hostile text (`[[[[…`) without end: beyond this factor it stays as it is. */
const MOST_GROWTH = 12;
const FREE_GROWTH = 64 * 1024;

/** The same tokens, a member or item a line, two spaces a level; a text that would grow out of bounds as it is. */
export function indentJson(text: string): string {
  const most = text.length * MOST_GROWTH + FREE_GROWTH;
  const output: string[] = [];
  let size = 0;
  let depth = 0;
  let opened = false;
  const write = (piece: string): void => {
    output.push(piece);
    size += piece.length;
  };
  const breakLine = (): void => {
    if (depth <= DEEPEST_INDENT) write(`\n${"  ".repeat(depth)}`);
  };
  for (const token of jsonTokens(text)) {
    if (size > most) return text;
    const closes = token.text === "}" || token.text === "]";
    if (closes && token.kind === "punctuation") {
      depth = Math.max(0, depth - 1);
      if (!opened) breakLine();
    } else if (opened) breakLine();
    opened = token.kind === "punctuation" && (token.text === "{" || token.text === "[");
    write(token.kind === "punctuation" && token.text === ":" ? ": " : token.text);
    if (opened) depth++;
    else if (token.kind === "punctuation" && token.text === ",") breakLine();
  }
  return output.join("");
}

/**
 * The members of the object that `text` is, or null where it is no JSON object.
 * @returns name (unescaped) and value as sent.
 */
export function jsonMembers(text: string): (readonly [name: string, raw: string])[] | null {
  if (!isJson(text) || !text.trimStart().startsWith("{")) return null;
  const members: (readonly [string, string])[] = [];
  let depth = 0;
  let name: string | undefined;
  let raw: string[] = [];
  for (const { kind, text: token } of jsonTokens(text)) {
    const closes = kind === "punctuation" && (token === "}" || token === "]");
    if (depth === 1 && (closes || (kind === "punctuation" && token === ","))) {
      if (name !== undefined) members.push([name, raw.join("")]);
      name = undefined;
      raw = [];
    } else if (depth === 1 && kind === "key") name = String(JSON.parse(token));
    else if (depth > 1 || (depth === 1 && !(token === ":" && raw.length === 0))) raw.push(token);
    if (kind === "punctuation" && (token === "{" || token === "[")) depth++;
    if (closes) depth--;
  }
  return members;
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
