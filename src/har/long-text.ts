// A text of an entry that was too long to be held, read piece by piece.
import { StringDecoder } from "node:string_decoder";
import type { Spool } from "./spool.js";

const PIECE = 1 << 20;
const BACKSLASH = 0x5c;
const HEX_ESCAPE = "\\uXXXX".length;

export class LongText {
  readonly #spool: Spool;
  readonly #start: number;
  /** Bytes as they stood in the JSON, escapes and all. */
  readonly length: number;

  constructor(spool: Spool, start: number, length: number) {
    this.#spool = spool;
    this.#start = start;
    this.length = length;
  }

  /** Valid until the next part of the HAR is asked for. Never throws: what is not JSON stays as it is. */
  *bytes(form: "text" | "base64"): Generator<Buffer> {
    let rest = "";
    for (const piece of this.#pieces()) {
      const text = rest + piece;
      // What four digits make whole, and what is not half of a character, goes on.
      const cut =
        form === "base64" ? text.length - (text.length % 4) : text.length - (endsInHalf(text) ? 1 : 0);
      rest = text.slice(cut);
      yield Buffer.from(text.slice(0, cut), form === "base64" ? "base64" : "utf8");
    }
    if (rest !== "") yield Buffer.from(rest, form === "base64" ? "base64" : "utf8");
  }

  /** All of it; the caller has looked at its length. */
  text(): string {
    return [...this.#pieces()].join("");
  }

  *#pieces(): Generator<string> {
    const decoder = new StringDecoder("utf8");
    let carried = "";
    for (let at = 0; at < this.length; ) {
      const raw = this.#spool.read(this.#start + at, Math.min(PIECE, this.length - at));
      if (raw.length === 0) break;
      at += raw.length;
      const text = carried + decoder.write(raw);
      const cut = at < this.length ? wholeEscapes(raw, text) : text.length;
      carried = text.slice(cut);
      yield parsed(text.slice(0, cut));
    }
    if (carried !== "") yield parsed(carried);
  }
}

/** Without an escape, which base64 rarely has, there is nothing to undo. */
function parsed(json: string): string {
  if (!json.includes("\\")) return json;
  try {
    const value: unknown = JSON.parse(`"${json}"`);
    return typeof value === "string" ? value : "";
  } catch {
    return json;
  }
}

/** @returns how much of the text ends with a whole escape. */
function wholeEscapes(raw: Buffer, text: string): number {
  // No escape near the end of its bytes: none is cut.
  const last = raw.lastIndexOf(BACKSLASH);
  if (last < raw.length - HEX_ESCAPE) return text.length;
  let from = text.lastIndexOf("\\");
  if (from === -1) return text.length;
  while (from > 0 && text[from - 1] === "\\") from--;
  // From the first of a run of backslashes, escapes are read one by one.
  while (from < text.length && text[from] === "\\") {
    const size = text[from + 1] === "u" ? HEX_ESCAPE : 2;
    if (from + size > text.length) return from;
    from += size;
  }
  return text.length;
}

function endsInHalf(text: string): boolean {
  const code = text.charCodeAt(text.length - 1);
  return code >= 0xd800 && code <= 0xdbff;
}
