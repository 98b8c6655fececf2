// Puts a body's framing on the wire: as it came, or anew where the two sides frame differently.
import type { RawHeaders } from "../../exchange/headers.js";
import type { Framing } from "./framing.js";
import { serialiseTrailers } from "./serialise.js";
import type { ConnectionWriter } from "./writer.js";

export class BodyFramer {
  readonly #writer: ConnectionWriter;
  readonly #framing: Framing | "as-it-came";

  constructor(writer: ConnectionWriter, framing: Framing | "as-it-came") {
    this.#writer = writer;
    this.#framing = framing;
  }

  body(wire: Buffer, data: readonly Buffer[]): void {
    if (this.#framing === "as-it-came") {
      this.#writer.write(wire);
      return;
    }
    for (const part of data) {
      if (part.length === 0) continue;
      if (this.#framing.kind !== "chunked") this.#writer.write(part);
      else {
        this.#writer.writeText(`${part.length.toString(16)}\r\n`);
        this.#writer.write(part);
        this.#writer.writeText("\r\n");
      }
    }
  }

  end(trailers: RawHeaders): void {
    if (this.#framing === "as-it-came" || this.#framing.kind !== "chunked") return;
    this.#writer.writeText(`0\r\n${serialiseTrailers(trailers)}\r\n`);
  }
}
