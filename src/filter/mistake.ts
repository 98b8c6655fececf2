// What is wrong with one argument of a filter, and where in it. The whole filter's text is not known there.
export class Mistake extends Error {
  readonly start: number;
  readonly end: number;
  readonly hint: string | undefined;

  /** @param start index in the argument */
  constructor(message: string, start: number, end: number, hint?: string) {
    super(message);
    this.start = start;
    this.end = end;
    this.hint = hint;
  }
}
