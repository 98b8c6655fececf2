// An entry whose large parts come as streams: its JSON piece by piece, so that a body beyond V8's longest string
// (512 MB) can be written.
import { StringDecoder } from "node:string_decoder";
import type { EntryStream } from "./entry-stream.js";

/** @param json the entry, in which each stream's placeholder stands once, as a string. */
export async function* escapedPieces(json: string, streams: readonly EntryStream[]): AsyncGenerator<string> {
  const places = streams
    .map((stream) => ({ stream, at: json.indexOf(`"${stream.placeholder}"`) }))
    .filter(({ at }) => at !== -1)
    .sort((a, b) => a.at - b.at);
  let from = 0;
  for (const { stream, at } of places) {
    yield json.slice(from, at);
    yield* FORMS[stream.form](stream.open());
    from = at + stream.placeholder.length + 2;
  }
  yield json.slice(from);
}

const FORMS: Readonly<Record<EntryStream["form"], (bytes: AsyncIterable<Buffer>) => AsyncGenerator<string>>> =
  { text: textPieces, base64: base64Pieces, messages: messagePieces };

async function* textPieces(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder("utf8");
  yield '"';
  for await (const chunk of bytes) yield escaped(decoder.write(chunk));
  yield escaped(decoder.end());
  yield '"';
}

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

async function* base64Pieces(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  // StringDecoder keeps what is not a multiple of three for the next piece.
  const decoder = new StringDecoder("base64");
  yield '"';
  for await (const chunk of bytes) yield decoder.write(chunk);
  yield decoder.end();
  yield '"';
}

async function* messagePieces(values: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let separator = "[";
  for await (const value of values) {
    yield separator + value.toString("utf8");
    separator = ",";
  }
  yield separator === "[" ? "[]" : "]";
}
