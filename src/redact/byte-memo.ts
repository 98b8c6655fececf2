// What was found out about short texts, such as names: each is judged once, as in most traffic the same few come millions
// of times. A text is looked up where it stands in the bytes, without making a string of it.

/** The bound keeps hostile input from filling memory: a newer text takes the place of an older one. */
const SLOTS = 4096;

export class ByteMemo<Verdict> {
  /** With one character for each byte. */
  readonly #slots: ({ readonly text: string; readonly verdict: Verdict } | undefined)[] = new Array(
    SLOTS,
  ).fill(undefined);

  constructor(readonly judge: (text: string) => Verdict) {}

  at(bytes: Buffer, start: number, end: number): Verdict {
    let hash = 0;
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + bytes[at]!) | 0;
    const slot = (hash ^ (hash >>> 12)) & (SLOTS - 1);
    const known = this.#slots[slot];
    if (known !== undefined && isAt(known.text, bytes, start, end)) return known.verdict;
    const verdict = this.judge(bytes.toString("utf8", start, end));
    this.#slots[slot] = { text: bytes.toString("latin1", start, end), verdict };
    return verdict;
  }
}

function isAt(text: string, bytes: Buffer, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) !== bytes[start + at]) return false;
  return true;
}
