// The body of a message that rules change. Changes see the content, without its codings and as text by its charset; what
// goes on has the same codings and charset again, and the header fields that depend on a body are kept true to it.
import { contentCodings } from "../content/codings.js";
import { decodeContent } from "../content/decode.js";
import { encodeContent } from "../content/encode.js";
import { parseMediaType } from "../content/media-type.js";
import { decodeText, encodeText } from "../content/text.js";
import { TrafficError } from "../errors.js";
import type { RawHeaders } from "../exchange/headers.js";
import type { HeaderList } from "./header-list.js";
import { BODY_LIMIT } from "./limits.js";
import type { ServedFile } from "./served-file.js";

/** A body as it came, or as a rule made it; undefined: there is none, or it streams by unseen. */
export type BodySource = Buffer | ServedFile | undefined;

export class BodyDraft {
  readonly #source: BodySource;
  readonly #headers: HeaderList;
  readonly #original: RawHeaders;
  readonly #notes: string[];
  #content: Buffer | undefined;
  #changed = false;

  constructor(source: BodySource, headers: HeaderList, notes: string[]) {
    this.#source = source;
    this.#headers = headers;
    this.#original = headers.fields;
    this.#notes = notes;
  }

  get changed(): boolean {
    return this.#changed;
  }

  /** Without content codings; undefined where it is not at hand or can't be decoded, which is noted. */
  async content(): Promise<Buffer | undefined> {
    if (this.#content !== undefined) return this.#content;
    const wire = Buffer.isBuffer(this.#source) ? this.#source : await this.#source?.bytes(BODY_LIMIT);
    if (wire === undefined) {
      this.#notes.push("the body is not at hand (there is none, or it is too large): it was not changed");
      return undefined;
    }
    const decoded = await decodeContent(wire, this.#original, { limit: BODY_LIMIT });
    if (decoded.problem !== undefined || decoded.limited) {
      const why = decoded.problem ?? `It decodes to more than ${BODY_LIMIT} bytes.`;
      this.#notes.push(`the body was not changed: ${why}`);
      return undefined;
    }
    this.#content = decoded.bytes;
    return decoded.bytes;
  }

  /** @param type the Content-Type that it has from now on; undefined: the one that it had */
  replace(content: Buffer, type?: string): void {
    this.#content = content;
    this.#changed = true;
    if (type !== undefined && !this.#headers.isSetByRule("content-type")) {
      this.#headers.correct("Content-Type", [type]);
    }
  }

  /** Text, in the charset that the message's Content-Type names. */
  replaceText(text: string, type?: string): void {
    this.replace(Buffer.alloc(0), type);
    const value = this.#headers.value("content-type") ?? "";
    this.#content = this.#encode(text, parseMediaType(value).parameters.get("charset") ?? "utf-8");
  }

  /** @param edit returns undefined to leave it as it is */
  async editText(edit: (text: string) => string | undefined): Promise<void> {
    const content = await this.content();
    if (content === undefined) return;
    const decoded = decodeText(content, this.#headers.value("content-type") ?? "");
    if (decoded === null) {
      this.#notes.push("the body was not changed: it is no text");
      return;
    }
    const text = edit(decoded.text);
    if (text === undefined || text === decoded.text) return;
    this.#content = this.#encode(text, decoded.charset);
    this.#changed = true;
  }

  /**
   * The body to send, with its header fields put right.
   * @returns undefined where it is what came
   */
  async finish(): Promise<BodySource> {
    if (!this.#changed || this.#content === undefined) return undefined;
    const bytes = await this.#encoded(this.#content);
    if (this.#headers.value("content-length") !== undefined) {
      this.#headers.correct("Content-Length", [String(bytes.length)]);
    }
    for (const name of DEPENDENT) {
      if (this.#headers.value(name) === undefined || this.#headers.isSetByRule(name)) continue;
      this.#headers.correct(name, []);
      this.#notes.push(`${name} was removed: the body is another one now`);
    }
    return bytes;
  }

  async #encoded(content: Buffer): Promise<Buffer> {
    try {
      return await encodeContent(content, contentCodings(this.#headers.fields));
    } catch (error) {
      if (!(error instanceof TrafficError)) throw error;
      this.#headers.correct("Content-Encoding", []);
      this.#notes.push(`Content-Encoding was removed: ${error.message}`);
      return content;
    }
  }

  #encode(text: string, charset: string): Buffer {
    const bytes = encodeText(text, charset);
    if (bytes !== null) return bytes;
    const type = this.#headers.value("content-type") ?? "text/plain";
    this.#headers.correct("Content-Type", [`${type.replace(/;\s*charset=[^;]*/i, "")}; charset=utf-8`]);
    this.#notes.push(`the body is UTF-8 now: the charset ${charset} can't hold its text`);
    return Buffer.from(text, "utf8");
  }
}

/** What says something of the bytes of a body (RFC 9110 section 8.8.3, RFC 9530, RFC 1864). */
const DEPENDENT = ["ETag", "Content-MD5", "Digest", "Content-Digest", "Repr-Digest"];
