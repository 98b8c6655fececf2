// What a connection tells whoever uses it, and what it needs of them.
import type { RawHeaders } from "../../exchange/headers.js";
import type { ConnectionError, StreamError } from "./errors.js";
import type { HeaderField } from "./hpack/header-entry.js";
import type { PeerSettings } from "./settings.js";

/**
 * Called from within `receive`, `flush`, `drained` and, for `onClose` and `onWritable`, from within the sending methods.
 * Any method of the connection may be called from any of them.
 */
export interface Http2Handler {
  /**
   * The head of a request (server), or of a response, be it a 1xx one (client).
   * @param headers pseudo-header fields first, as they came
   * @param neverIndexed the fields of `headers` (by identity) that came as "never indexed" (RFC 7541 section 7.1.3)
   */
  onHeaders(
    stream: number,
    headers: RawHeaders,
    endStream: boolean,
    neverIndexed: ReadonlySet<HeaderField>,
  ): void;
  /** The end of the peer's side, with fields. */
  onTrailers(stream: number, trailers: RawHeaders, neverIndexed: ReadonlySet<HeaderField>): void;
  /** @param data a view of the bytes received; each octet counts against the windows until `consumed` */
  onData(stream: number, data: Buffer, endStream: boolean): void;
  /**
   * The stream was cut off.
   * @param code of the peer's RST_STREAM, or of the one that was sent on account of `failure`
   * @param failure what the peer did wrong; undefined when the peer reset the stream. It may be of a stream that was
   * never announced, when its request was malformed or refused. REFUSED_STREAM, from either side, means that the request
   * was not processed; so does a GOAWAY that leaves a stream of ours out, which arrives here with a failure.
   */
  onReset(stream: number, code: number, failure: StreamError | undefined): void;
  /** What `sendData` said to wait for has left. */
  onWritable(stream: number): void;
  /** An announced or opened stream is over, completely or cut off: there may be room for another. */
  onClose(stream: number): void;
  onGoaway(lastStream: number, code: number, debugData: Buffer): void;
  /** The peer's settings, each time they come. */
  onSettings(settings: PeerSettings): void;
  /** The answer to a `ping`. @param payload its eight octets, as a view */
  onPong(payload: Buffer): void;
  /** The peer broke the protocol. GOAWAY has been written; every stream is over without further word; close. */
  onConnectionError(error: ConnectionError): void;
}

export interface Http2Output {
  /**
   * Takes bytes, which stay as they are. Called by `flush` only, several times in a row: cork around it.
   * @returns false when the transport holds enough: nothing is written until `drained`
   */
  write(bytes: Buffer): boolean;
  /** Bytes wait: call `flush` soon, but not from within this call. Comes once for each flush that is needed. */
  wantsFlush(): void;
}
