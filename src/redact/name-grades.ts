// The grades of names, each judged once: in most traffic the same few names come millions of times. A name is looked up
// where it stands in the text, without making a string of it.
import { ByteMemo } from "./byte-memo.js";
import { copyOf } from "./copy-of.js";
import type { Grade } from "./names.js";

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
    // Before many a colon stands a part of a date, each another one.
    if (this.isBuiltIn && end - start < 40 && hasFewLetters(bytes, start, end)) return "none";
    return this.#inBytes.at(bytes, start, end);
  }
}

/** Every word that says secret has three letters at least. A percent sign may stand for one. */
function hasFewLetters(bytes: Buffer, start: number, end: number): boolean {
  let letters = 0;
  for (let at = start; at < end; at++) {
    const code = bytes[at]!;
    if (code === 37 || code >= 128) return false;
    if ((code | 32) >= 97 && (code | 32) <= 122 && ++letters > 2) return false;
  }
  return true;
}
