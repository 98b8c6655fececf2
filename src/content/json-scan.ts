// Where the values of a JSON text stand. The text is known to be JSON: nothing here asks whether it is.

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A member of a list or an object. One object for all of them: it holds until the next one. */
export interface Member {
  index: number;
  /** Behind the bracket or comma before it: blanks begin here. */
  lead: number;
  /** Where its name begins; in a list, its value. */
  start: number;
  /** Behind the name; in a list the same as `start`. */
  nameEnd: number;
  value: number;
  end: number;
  /** Its comma, or the closing bracket. */
  close: number;
}

export function rootOf(text: string): Span {
  const start = afterBlanks(text, 0);
  return { start, end: afterValue(text, start) };
}

export function isList(text: string, { start }: Span): boolean {
  return text.charCodeAt(start) === 0x5b;
}

export function isObject(text: string, { start }: Span): boolean {
  return text.charCodeAt(start) === 0x7b;
}

/** @param visit told of each member in turn, of a list or an object; true: that is enough */
export function eachMember(text: string, span: Span, visit: (member: Member) => boolean): void {
  const named = isObject(text, span);
  if (!named && !isList(text, span)) return;
  const closing = span.end - 1;
  const member: Member = { index: 0, lead: 0, start: 0, nameEnd: 0, value: 0, end: 0, close: span.start };
  for (; member.close < closing; member.index++) {
    member.lead = member.close + 1;
    member.start = afterBlanks(text, member.lead);
    if (member.start === closing) return;
    member.nameEnd = named ? afterString(text, member.start) : member.start;
    member.value = named ? afterBlanks(text, text.indexOf(":", member.nameEnd) + 1) : member.start;
    member.end = afterValue(text, member.value);
    member.close = afterBlanks(text, member.end);
    if (visit(member)) return;
  }
}

/** Whether it has this name: written like that, or with escapes. */
export function isNamed(text: string, { start, nameEnd }: Member, name: string): boolean {
  // Its own text only: a search for a backslash in all that follows costs as much for each member as the document is long.
  const written = text.slice(start, nameEnd);
  if (written.includes("\\")) return JSON.parse(written) === name;
  return written.length - 2 === name.length && written.startsWith(name, 1);
}

function afterBlanks(text: string, at: number): number {
  let end = at;
  while (text.charCodeAt(end) <= 0x20) end++;
  return end;
}

function afterValue(text: string, at: number): number {
  if (text.charCodeAt(at) === QUOTE) return afterString(text, at);
  let end = at;
  for (let depth = 0; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === QUOTE) end = afterString(text, end) - 1;
    else if (code === 0x5b || code === 0x7b) depth++;
    else if (code === 0x5d || code === 0x7d) {
      if (depth === 0) return end;
      if (--depth === 0) return end + 1;
    } else if (depth === 0 && (code <= 0x20 || code === 0x2c)) return end;
  }
  return end;
}

const QUOTE = 0x22;

function afterString(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); ; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes++;
    if (slashes % 2 === 0) return end + 1;
  }
}
