// Asks the finders themselves about a small part of a body: whether they would find anything there. Nothing is learned.
import { Scan } from "../scan.js";
import type { Work } from "../work.js";
import type { Coding } from "./layers.js";

/** What a screen reads: a body in UTF-8 without content coding, and by what it is judged. */
export interface Screened {
  readonly bytes: Buffer;
  readonly work: Work;
  /**
   * Whether a text that stands encoded within this one may hold anything.
   *
   * @param coding absent where it is none of those that `Layers` knows
   */
  nested(text: string | Buffer, coding?: Coding): boolean;
  /** Whether a text within this one that is plain need not be asked about. */
  readonly plainIsNothing: boolean;
  /** Says that texts within this one were looked at without asking `nested`. */
  lookWithin(coding: Coding): void;
}

/** What asking the finders takes. */
export type Asked = Pick<Screened, "work" | "nested">;

class Probe extends Scan {
  suspect = false;

  override secret(start: number, end: number, _kind: string, value: string): void {
    if (end > start && !this.work.vault.keeps(value)) this.suspect = true;
  }

  override rewriteCounted(): void {
    this.suspect = true;
  }

  override rewrite(): void {
    this.suspect = true;
  }
}

/** @returns whether `find` finds anything in the text. */
export function finds(text: string, { work, nested }: Asked, find: (scan: Scan) => void): boolean {
  const probe: Probe = new Probe(text, {
    ...work,
    nested: (inner) => {
      if (!probe.suspect && nested(inner)) probe.suspect = true;
      return inner;
    },
    joined: () => {
      probe.suspect = true;
      return [];
    },
    headerValue: (_name, value) => {
      probe.suspect = true;
      return value;
    },
  });
  find(probe);
  return probe.suspect;
}
