// Two responses beside each other: what differs, in a form that is small whatever the responses are.
import type { RawHeaders } from "../../exchange/headers.js";

/** One side of a comparison. */
export interface ComparedResponse {
  /** null where no response came. */
  readonly status: number | null;
  /** Code of the error with which the exchange ended. */
  readonly error: string | null;
  readonly headers: RawHeaders;
  readonly body: ComparedBody;
  /** Milliseconds. */
  readonly duration: number;
}

export interface ComparedBody {
  /** The decoded content; null where it is too large to be looked into, or was not recorded as a whole. */
  readonly content: Buffer | null;
  /** Of the bytes as stored, hexadecimal; null where they were not all recorded. */
  readonly sha256: string | null;
  /** Bytes on the wire. */
  readonly size: number;
}

export interface CompareRules {
  /** Names, `*` for any letters; besides those that are always ignored. */
  readonly ignoreHeaders?: readonly string[] | undefined;
  /** JSON Pointers, `*` for any one step: nothing at that place or below it is compared. */
  readonly ignore?: readonly string[] | undefined;
  /** The order of a list's items does not count. */
  readonly unordered?: boolean | undefined;
}

export interface Comparison {
  /** Nothing differs, but perhaps the duration. */
  readonly same: boolean;
  readonly status: Change<number | null> | null;
  readonly error: Change<string | null> | null;
  readonly headers: readonly HeaderDifference[];
  readonly body: BodyDifference | null;
  readonly duration: Change<number>;
}

export interface Change<T> {
  readonly before: T;
  readonly after: T;
}

/** A field's values in their order; null where it is absent. */
export interface HeaderDifference extends Change<readonly string[] | null> {
  /** Lower case. */
  readonly name: string;
}

export type BodyDifference =
  | { readonly kind: "json"; readonly differences: readonly JsonDifference[]; readonly further: number }
  | { readonly kind: "text"; readonly lines: readonly LineDifference[]; readonly further: number }
  | ({ readonly kind: "binary" } & Change<{ readonly size: number; readonly sha256: string | null }>)
  /** One of them was not recorded as a whole: only the sizes are known. */
  | ({ readonly kind: "unknown" } & Change<{ readonly size: number }>);

export interface JsonDifference {
  /** JSON Pointer (RFC 6901). */
  readonly pointer: string;
  readonly change: "added" | "removed" | "changed";
  /** JSON, cut where it is long; absent where there is none on that side. */
  readonly before?: string;
  readonly after?: string;
}

export interface LineDifference {
  readonly op: "-" | "+";
  /** Number of the line on its side, from 1. */
  readonly line: number;
  readonly text: string;
}

/** Differences of one body that are named; of more there is only the number. */
export const MOST_DIFFERENCES = 100;
const LONGEST_TEXT = 200;

/** A value or a line for a person, not the whole of a large one. */
export function excerpt(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}…`;
}
