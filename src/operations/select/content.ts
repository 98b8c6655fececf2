// The decoded content of bodies, for filters: one character a byte, as a pattern of bytes wants it.
import { decodeContent } from "../../content/decode.js";
import { TrafficError } from "../../errors.js";
import type { Body } from "../../exchange/body.js";
import type { RawHeaders } from "../../exchange/headers.js";
import { hasCoding } from "../../session/index/body-flags.js";
import type { Rows } from "../../session/rows.js";

/** Of each body, as stored and as decoded, so much is looked at: 32 MiB. A WebSocket's messages share as much. */
export const SEARCHED_BYTES = 32 * 1024 * 1024;

/** What could not be looked at. */
export interface ContentGaps {
  /** Bodies whose file is missing or damaged. */
  unreadable: number;
  /** Bodies beyond SEARCHED_BYTES, of which the beginning was looked at. */
  limited: number;
}

/** Reads contents of one source. */
export class ContentReader {
  readonly gaps: ContentGaps = { unreadable: 0, limited: 0 };
  readonly #rows: Rows;

  constructor(rows: Rows) {
    this.#rows = rows;
  }

  /** @returns it at once where it stands in the line without a coding; else undefined: it has to be `read`. */
  inline(body: Body, headers: RawHeaders): string | undefined {
    if (body.kind === "empty" || body.kind === "omitted") return "";
    if (body.kind === "file" || hasCoding(body, headers)) return undefined;
    if (body.kind === "base64") return Buffer.from(body.base64, "base64").toString("latin1");
    // ASCII is the same in both, and most of what is searched.
    if (Buffer.byteLength(body.text) === body.text.length) return body.text;
    return Buffer.from(body.text).toString("latin1");
  }

  /** @returns the content; what could be read of it where something is wrong with it. */
  async read(body: Body, headers: RawHeaders, limit = SEARCHED_BYTES): Promise<string> {
    const bytes = await this.#stored(body, limit);
    const codings = hasCoding(body, headers) ? headers : [];
    const { bytes: content, limited } = await decodeContent(bytes, codings, { limit });
    if (limited === true || (body.kind === "file" && body.stored > limit)) this.gaps.limited++;
    return content.toString("latin1");
  }

  async #stored(body: Body, limit: number): Promise<Buffer> {
    try {
      return await this.#rows.body(body, limit);
    } catch (error) {
      if (!(error instanceof TrafficError) || error.code !== "SESSION_DAMAGED") throw error;
      this.gaps.unreadable++;
      return Buffer.alloc(0);
    }
  }
}
