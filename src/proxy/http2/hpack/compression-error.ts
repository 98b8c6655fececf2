// The one error of HPACK decoding.

/** A header block can't be decoded (RFC 7541); the tables of both ends differ from here on, so the connection ends. */
export class CompressionError extends Error {
  override readonly name = "CompressionError";
}
