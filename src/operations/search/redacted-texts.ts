// The texts of one exchange without its secrets, made where a match asks for them: of most exchanges nothing is shown.
import { setImmediate as turn } from "node:timers/promises";
import { decodeText } from "../../content/text.js";
import type { Exchange } from "../../exchange/exchange.js";
import { headerValue, type RawHeaders } from "../../exchange/headers.js";
import { redactedPieces } from "../har/redacted-pieces.js";
import type { Selected } from "../query.js";
import type { Redaction } from "../redaction.js";

type Side = "request" | "response";

/** What is larger is redacted in pieces, between which others get their turn. */
const PIECE = 2 * 1024 * 1024;

export class RedactedTexts {
  /** The pattern may stand in redacted text and not in the text itself. */
  readonly mayBePlaceholder: boolean;
  readonly #selected: Selected;
  readonly #redact: () => Promise<Redaction>;
  #redaction: Promise<Redaction> | undefined;
  #clean: Exchange | undefined;

  /** @param redact called once, before the first text is made */
  constructor(selected: Selected, redact: () => Promise<Redaction>, mayBePlaceholder: boolean) {
    this.#selected = selected;
    this.#redact = redact;
    this.mayBePlaceholder = mayBePlaceholder;
  }

  async url(): Promise<string> {
    return (await this.#exchange()).request.url;
  }

  /** @param at the number of the field */
  async field(side: Side, at: number): Promise<string> {
    const exchange = await this.#exchange();
    const response = exchange.kind === "tunnel" ? undefined : exchange.response;
    const [name = "", value = ""] = (side === "request" ? exchange.request : response)?.headers[at] ?? [];
    return `${name}: ${value}`;
  }

  /** @param bytes decoded. @returns UTF-8, one character a byte */
  async body({ headers }: { readonly headers: RawHeaders }, side: Side, bytes: Buffer): Promise<string> {
    const redaction = await this.#loaded();
    const place = { headers, side, url: this.#selected.facts.url };
    if (bytes.length > PIECE) {
      const pieces: Buffer[] = [];
      for await (const piece of redactedPieces(piecesOf(bytes), place, redaction, true)) pieces.push(piece);
      return textOf(Buffer.concat(pieces), headers);
    }
    const clean = redaction.content(bytes, place);
    return clean.utf8 === true ? clean.bytes.toString("latin1") : textOf(clean.bytes, headers);
  }

  async message(message: {
    readonly direction: "send" | "receive";
    readonly data: string | Buffer;
  }): Promise<string> {
    const [clean] = (await this.#loaded()).messages([message], this.#selected.facts.url);
    return Buffer.from(clean?.data ?? "").toString("latin1");
  }

  async #exchange(): Promise<Exchange> {
    this.#clean ??= (await this.#loaded()).exchange(await this.#selected.exchange());
    return this.#clean;
  }

  #loaded(): Promise<Redaction> {
    this.#redaction ??= this.#redact();
    return this.#redaction;
  }
}

async function* piecesOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE) {
    yield bytes.subarray(at, at + PIECE);
    await turn();
  }
}

function textOf(bytes: Buffer, headers: RawHeaders): string {
  return utf8Of(bytes, headerValue(headers, "content-type") ?? "") ?? bytes.toString("latin1");
}

/** @returns the content as UTF-8, one character a byte; null where it is no text. */
export function utf8Of(bytes: Buffer, contentType: string): string | null {
  const decoded = decodeText(bytes, contentType);
  if (decoded === null) return null;
  const isUtf8 = decoded.charset === "utf-8";
  return (isUtf8 ? bytes : Buffer.from(decoded.text, "utf8")).toString("latin1");
}
