// A request to be sent: everything that goes on the wire, whether it was recorded, changed or written by a person.
import type { HttpVersion } from "../../exchange/exchange.js";
import type { RawHeaders } from "../../exchange/headers.js";

export interface SendRequest {
  readonly method: string;
  /** Absolute http or https URL; path and query are sent as they stand. */
  readonly url: string;
  /** What to speak. HTTP/2 and HTTP/3 become HTTP/1.1 where an https origin does not speak HTTP/2. */
  readonly httpVersion: HttpVersion;
  /** As recorded. The length of the body is put right where it differs. */
  readonly headers: RawHeaders;
  /** HTTP/2's `:authority`; without it the Host field, or the URL's authority. */
  readonly authority?: string;
  readonly trailers?: RawHeaders;
  /** null: none. */
  readonly body: RequestBody | null;
}

export interface RequestBody {
  readonly size: number;
  /** The bytes, content coding included. A chunk must not change afterwards. */
  open(): AsyncIterable<Buffer> | Iterable<Buffer>;
}

/** @returns undefined for no bytes at all */
export function bodyOf(bytes: Buffer): RequestBody | null {
  return bytes.length === 0 ? null : { size: bytes.length, open: () => [bytes] };
}

/** A request that can't be sent as it is; `message` says why, in a sentence. */
export class Unsendable extends Error {
  override readonly name = "Unsendable";
}
