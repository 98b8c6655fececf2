// A body of any size as a stream of its decoded bytes: what show-bytes pushes, to be pulled.
import { PassThrough } from "node:stream";
import type { Exchange } from "../exchange/exchange.js";
import type { ToolContext } from "./tool.js";

export interface BodyReference {
  /** The path of its source: a name such as `last` may mean another by now. */
  readonly session: string;
  readonly exchange: Exchange;
  readonly side: "request" | "response";
}

export async function* decodedBody(
  { session, exchange, side }: BodyReference,
  { settings }: ToolContext,
): AsyncGenerator<Buffer, void, void> {
  const { writeBody } = await import("../operations/show-bytes.js");
  const through = new PassThrough();
  const write = (bytes: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => through.write(bytes, (error) => (error ? reject(error) : resolve())));
  const written = writeBody({ home: settings.home, session, exchange: exchange.id, side }, write).then(
    () => through.end(),
    (error: Error) => through.destroy(error),
  );
  try {
    for await (const chunk of through) if (Buffer.isBuffer(chunk)) yield chunk;
  } finally {
    through.destroy();
    await written;
  }
}
