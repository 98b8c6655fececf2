// The messages that the peer's HEADERS, DATA and RST_STREAM frames make up (RFC 9113 sections 5.1 and 8.1): what each
// does in each state of its stream.
import type { ConnectionCore } from "./connection-core.js";
import { ConnectionError, Http2Code, StreamError } from "./errors.js";
import type { HeaderBlock } from "./header-block.js";
import { CompressionError } from "./hpack/compression-error.js";
import type { DecodedBlock } from "./hpack/decoder.js";
import { checkRequest, checkResponse, checkTrailers, type FieldRules } from "./message-fields.js";
import type { Stream } from "./stream.js";

export class IncomingMessages {
  readonly #core: ConnectionCore;
  readonly #rules: FieldRules;

  constructor(core: ConnectionCore) {
    this.#core = core;
    const { strictWhitespace, enableConnectProtocol } = core.options;
    this.#rules = { strictWhitespace, connectProtocol: enableConnectProtocol };
  }

  /** @param block undefined while it is not complete */
  headers(block: HeaderBlock | undefined): void {
    if (block === undefined) return;
    const id = block.stream;
    // Decoded whatever becomes of the stream: the tables of both ends must stay the same.
    const decoded = this.#decode(block);
    const stream = this.#core.streams.get(id);
    if (stream === undefined) {
      if (this.#core.role === "server") this.#request(id, decoded, block.endStream);
      else this.#checkClosed(id, "HEADERS");
      return;
    }
    if (stream.remoteEnded)
      throw new StreamError(id, Http2Code.STREAM_CLOSED, "HEADERS after the end of the stream");
    checkSize(id, decoded);
    if (stream.headReceived) this.#trailers(stream, decoded, block.endStream);
    else this.#response(stream, decoded, block.endStream);
  }

  dataBegin(id: number, length: number, endStream: boolean): void {
    const core = this.#core;
    const stream = core.streams.get(id);
    if (stream === undefined) this.#checkClosed(id, "DATA");
    if (length === 0 && !endStream) core.floods.count("emptyData");
    core.flow.begin(stream, length);
    if (stream === undefined) return;
    if (stream.remoteEnded)
      throw new StreamError(id, Http2Code.STREAM_CLOSED, "DATA after the end of the stream");
    if (!stream.headReceived) throw malformed(id, "DATA before the response's head");
  }

  data(id: number, piece: Buffer, endStream: boolean): void {
    const core = this.#core;
    const stream = core.streams.get(id);
    if (stream === undefined) {
      core.flow.discard(undefined, piece.length);
      return;
    }
    core.flow.deliver(stream, piece.length);
    stream.receivedLength += piece.length;
    if (stream.expectedLength >= 0 && stream.receivedLength > stream.expectedLength) {
      throw malformed(id, "more data than the message's fields promised");
    }
    if (endStream) this.#end(stream);
    else if (piece.length === 0) return;
    core.handler.onData(id, piece, endStream);
    core.closeIfDone(stream);
  }

  reset(id: number, code: number): void {
    const core = this.#core;
    const stream = core.streams.get(id);
    if (stream === undefined) {
      if (core.isIdle(id))
        throw new ConnectionError(Http2Code.PROTOCOL_ERROR, "RST_STREAM for a stream that is idle");
      return;
    }
    core.cutOff(stream);
    core.countReset();
    core.handler.onReset(id, code, undefined);
    core.handler.onClose(id);
  }

  #decode(block: HeaderBlock): DecodedBlock {
    try {
      return this.#core.decoder.decode(block.bytes, block.start, block.end);
    } catch (error) {
      if (!(error instanceof CompressionError)) throw error;
      throw new ConnectionError(Http2Code.COMPRESSION_ERROR, error.message);
    }
  }

  #request(id: number, decoded: DecodedBlock, endStream: boolean): void {
    const core = this.#core;
    if (id % 2 === 0)
      throw new ConnectionError(Http2Code.PROTOCOL_ERROR, "a client's stream with an even number");
    if (id <= core.lastPeerStream) {
      this.#checkClosed(id, "HEADERS");
      return;
    }
    core.lastPeerStream = id;
    if (id > core.lastProcessed) {
      // Section 6.8: what comes after our GOAWAY is read over.
      core.streams.abandon(id);
      return;
    }
    if (core.streams.openCount >= core.options.maxConcurrentStreams) {
      throw new StreamError(
        id,
        Http2Code.REFUSED_STREAM,
        "more streams than SETTINGS_MAX_CONCURRENT_STREAMS",
      );
    }
    checkSize(id, decoded);
    const facts = checkRequest(id, decoded.entries, this.#rules);
    const stream = core.addStream(id);
    stream.headReceived = true;
    stream.isConnect = facts.method === "CONNECT";
    stream.expectedLength = stream.isConnect ? -1 : facts.contentLength;
    if (endStream) this.#end(stream);
    core.handler.onHeaders(id, facts.headers, endStream, decoded.neverIndexed);
    core.closeIfDone(stream);
  }

  #response(stream: Stream, decoded: DecodedBlock, endStream: boolean): void {
    const core = this.#core;
    const facts = checkResponse(stream.id, decoded.entries, this.#rules);
    if (facts.status < 200) {
      if (endStream) throw malformed(stream.id, "a 1xx response that ends the stream");
      stream.informational += 1;
      if (core.floods.tooManyInformational(stream.informational)) {
        throw new StreamError(stream.id, Http2Code.ENHANCE_YOUR_CALM, "too many 1xx responses");
      }
    } else {
      stream.headReceived = true;
      // A CONNECT that is refused has an answer like any other.
      if (facts.status >= 300) stream.isConnect = false;
      stream.expectedLength = bodyLength(stream, facts.status, facts.contentLength);
      if (endStream) this.#end(stream);
    }
    core.handler.onHeaders(stream.id, facts.headers, endStream, decoded.neverIndexed);
    core.closeIfDone(stream);
  }

  #trailers(stream: Stream, decoded: DecodedBlock, endStream: boolean): void {
    if (!endStream) throw malformed(stream.id, "trailers that do not end the stream");
    // Section 8.5: nothing but DATA follows on a tunnel.
    if (stream.isConnect) throw malformed(stream.id, "trailers on a tunnel");
    const trailers = checkTrailers(stream.id, decoded.entries, this.#rules);
    this.#end(stream);
    this.#core.handler.onTrailers(stream.id, trailers, decoded.neverIndexed);
    this.#core.closeIfDone(stream);
  }

  #end(stream: Stream): void {
    if (stream.expectedLength >= 0 && stream.receivedLength !== stream.expectedLength && !stream.isHead) {
      throw malformed(stream.id, "less data than content-length promised");
    }
    stream.remoteEnded = true;
  }

  /** HEADERS or DATA of a stream that is not open: to be read over where we cut it off, else an error. */
  #checkClosed(id: number, name: string): void {
    if (this.#core.isIdle(id)) {
      throw new ConnectionError(Http2Code.PROTOCOL_ERROR, `${name} for a stream that is idle`);
    }
    if (this.#core.streams.wasAbandoned(id)) return;
    throw new ConnectionError(Http2Code.STREAM_CLOSED, `${name} for a stream that is closed`);
  }
}

/** How much data a response has: by its content-length, except where there is none in any case (RFC 9110 section 6.4.1). */
function bodyLength(stream: Stream, status: number, contentLength: number): number {
  if (stream.isHead || status === 204 || status === 304) return 0;
  return stream.isConnect ? -1 : contentLength;
}

function checkSize(id: number, decoded: DecodedBlock): void {
  if (!decoded.tooLarge) return;
  throw new StreamError(
    id,
    Http2Code.ENHANCE_YOUR_CALM,
    "a header list larger than SETTINGS_MAX_HEADER_LIST_SIZE",
  );
}

function malformed(id: number, message: string): StreamError {
  return new StreamError(id, Http2Code.PROTOCOL_ERROR, message);
}
