// The grades of names, each judged once: in most traffic the same few names come millions of times. A name is looked up
// where it stands in the text, without making a string of it.
import { ByteMemo } from "./byte-memo.js";
import { copyOf } from "./copy-of.js";
import { type Grade, TELLING_WORDS } from "./names.js";

export interface GradedName {
  readonly name: string;
  readonly grade: Grade;
}

/** The bound keeps hostile input from filling memory: a newer name takes the place of an older one. */
const SLOTS = 4096;

export class NameGrades {
  readonly #slots: (GradedName | undefined)[] = new Array(SLOTS).fill(undefined);

  readonly #inBytes: ByteMemo<Grade>;

  /** @param isBuiltIn the judge knows the built-in names only */
  constructor(
    readonly judge: (name: string) => Grade,
    readonly isBuiltIn = false,
  ) {
    this.#inBytes = new ByteMemo(judge);
  }

  of(name: string): Grade {
    return this.at(name, 0, name.length).grade;
  }

  /** The name that stands at this place of a text, with its grade. */
  at(text: string, start: number, end: number): GradedName {
    let hash = 0;
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
    const slot = (hash ^ (hash >>> 12)) & (SLOTS - 1);
    const known = this.#slots[slot];
    if (known !== undefined && known.name.length === end - start && text.startsWith(known.name, start))
      return known;
    const name = copyOf(text.slice(start, end));
    const graded = { name, grade: this.judge(name) };
    this.#slots[slot] = graded;
    return graded;
  }

  /** The grade of the name that stands at this place of a text in UTF-8. */
  inBytes(bytes: Buffer, start: number, end: number): Grade {
    // In most traffic nearly all names say nothing, and in scripts hardly one is like the others.
    if (this.isBuiltIn && saysNothing(bytes, start, end)) return "none";
    return this.#inBytes.at(bytes, start, end);
  }
}

/** One bit for the first three letters of each word that a name may say something by, five bits for each letter. */
const BEGINS_WORD = new Uint8Array(1 << 15);
for (const word of TELLING_WORDS) {
  let letters = 0;
  for (const letter of word.slice(0, 3)) letters = (letters << 5) | (letter.charCodeAt(0) & 31);
  BEGINS_WORD[letters] = 1;
}

/** True is certain. A percent sign may stand for a letter. */
function saysNothing(bytes: Buffer, start: number, end: number): boolean {
  let letters = 0;
  for (let at = start; at < end; at++) {
    const code = bytes[at]!;
    if (code === 37) return false;
    const lower = code | 32;
    if (lower < 97 || lower > 122 || code >= 128) continue;
    letters = ((letters << 5) | (code & 31)) & 0x7fff;
    if (BEGINS_WORD[letters] === 1) return false;
  }
  return true;
}
