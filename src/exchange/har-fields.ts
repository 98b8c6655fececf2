// What a HAR entry says that an exchange has no place for. Kept as it was, so that import and export lose nothing.

/** Values are JSON. */
type Fields = Readonly<Record<string, unknown>>;

/** By the object of the entry that the fields stand in: those that begin with `_`, comments, `pageref` and their kind. */
export interface HarFields {
  readonly entry?: Fields;
  readonly request?: Fields;
  readonly postData?: Fields;
  readonly response?: Fields;
  readonly content?: Fields;
  readonly timings?: Fields;
}
