// Writes the responses of one connection to its client, one after another, as the client's version of HTTP/1 has them.
import type { Socket } from "node:net";
import type { RawHeaders } from "../../exchange/headers.js";
import type { OutgoingResponse } from "../ends.js";
import { responseToHttp1 } from "../http2/translate.js";
import { BodyFramer } from "./body-framer.js";
import type { Framing } from "./framing.js";
import type { RequestHead } from "./head.js";
import { serialiseResponseHead } from "./serialise.js";
import { ConnectionWriter } from "./writer.js";

export class ResponseWriter {
  readonly #writer: ConnectionWriter;
  #framer: BodyFramer | undefined;
  /** Of the response that was begun and is not over. */
  #framing: Framing | undefined;

  constructor(socket: Socket) {
    this.#writer = new ConnectionWriter(socket);
  }

  /** The response under way tells by itself, and not by the connection's end, whether it is whole. */
  get isDelimited(): boolean {
    return this.#framing?.kind === "length" || this.#framing?.kind === "chunked";
  }

  /** @param request undefined where none was read */
  informational(head: OutgoingResponse, request: RequestHead | undefined): void {
    // RFC 9110 section 15.2: never to an HTTP/1.0 client; but an origin that speaks to one itself is not corrected.
    if (request?.httpVersion === "HTTP/1.0" && head.bytes === undefined) return;
    this.#writer.write(headBytes(head));
  }

  /** @returns whether the connection has to end after this response */
  begin(head: OutgoingResponse, request: RequestHead | undefined): boolean {
    this.#framing = head.framing;
    // What came over HTTP/1 passes as it came, even where no origin should have sent it.
    const asOneDotZero =
      request?.httpVersion === "HTTP/1.0" && head.framing.kind === "chunked" && head.bytes === undefined;
    if (asOneDotZero) this.#beginOneDotZero(head);
    else {
      this.#writer.write(headBytes(head));
      this.#framer = new BodyFramer(this.#writer, head.bytes === undefined ? head.framing : "as-it-came");
    }
    return head.closes || head.framing.kind === "close" || asOneDotZero;
  }

  body(wire: Buffer, data: readonly Buffer[]): void {
    this.#framer?.body(wire, data);
  }

  end(trailers: RawHeaders): void {
    this.#framer?.end(trailers);
  }

  /** The exchange is over: what comes next is another response. */
  over(): void {
    this.#framer = undefined;
    this.#framing = undefined;
  }

  /** Bytes of ours, in place of a response. */
  write(bytes: Buffer): void {
    this.#writer.write(bytes);
  }

  /** @returns false when the client reads more slowly than this writes: wait for the socket's `drain` */
  flush(): boolean {
    return this.#writer.flush();
  }

  /** An HTTP/1.0 client knows no chunks: the data alone, ended by the connection's end. */
  #beginOneDotZero(head: OutgoingResponse): void {
    const headers = head.headers.filter(([name]) => name.toLowerCase() !== "transfer-encoding");
    const { reason } = responseToHttp1(head);
    this.#writer.write(
      serialiseResponseHead({ status: head.status, reason, headers: [...headers, ["Connection", "close"]] }),
    );
    this.#framer = new BodyFramer(this.#writer, { kind: "close" });
  }
}

/** As it came, or as HTTP/1 has it. */
function headBytes(head: OutgoingResponse): Buffer {
  if (head.bytes !== undefined) return head.bytes;
  if (head.http2 === undefined) return serialiseResponseHead(head);
  return serialiseResponseHead({ status: head.status, ...responseToHttp1(head) });
}
