// One decoded header field, as the tables hold it. An indexed field is the same object each time it comes, so whatever
// is found out about it once (its kind) costs nothing for the requests that repeat it.
import type { RawHeaders } from "../../../exchange/headers.js";

export type HeaderField = RawHeaders[number];

/** RFC 7541 section 4.1: what an entry counts for besides its two strings. */
export const ENTRY_OVERHEAD = 32;

export class HeaderEntry {
  readonly field: HeaderField;
  /** Octets as section 4.1 counts them. */
  readonly size: number;
  /** A FieldKind (../field-kind.ts); 0 until somebody asks. */
  kind = 0;

  constructor(name: string, value: string) {
    this.field = [name, value];
    this.size = name.length + value.length + ENTRY_OVERHEAD;
  }
}
