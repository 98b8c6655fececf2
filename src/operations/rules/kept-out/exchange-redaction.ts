// One exchange and its messages without what rules keep out of the recording: first what is named, then the same values
// wherever else they stand, then secrets where a rule asks for that.

import { decodeContent } from "../../../content/decode.js";
import { decodedChunks } from "../../../content/decoded-chunks.js";
import { isTextType } from "../../../content/text.js";
import type { Body } from "../../../exchange/body.js";
import type { Exchange } from "../../../exchange/exchange.js";
import { headerValue, mediaType, type RawHeaders } from "../../../exchange/headers.js";
import { NamedParts } from "../../../redact/named-parts.js";
import type { KeptOut } from "../../../rules/acting.js";
import { BODY_LIMIT } from "../../../rules/limits.js";
import { movedChunks, type Redaction } from "../../redaction.js";

type Side = "request" | "response";
type Chunks = NonNullable<Body["chunks"]>;

/** A body as it passed, content coding included. `bytes` undefined: it was too large to be held. */
export interface PassedBody {
  readonly bytes: Buffer | undefined;
  readonly chunks?: Chunks | undefined;
  /** Its stored form has no content coding any more. */
  readonly decoded?: Body["decoded"];
}

export type BodyOutcome =
  | { readonly kind: "as-it-was" }
  | { readonly kind: "left-out" }
  | {
      readonly kind: "changed";
      readonly bytes: Buffer;
      readonly chunks: Chunks | undefined;
      /** The bytes are without the content coding that the headers name, and perhaps in another charset. */
      readonly decoded: Body["decoded"];
      /** Decoded bytes before. */
      readonly size: number;
    };

export interface RedactedExchange {
  readonly exchange: Exchange;
  readonly request: BodyOutcome;
  readonly response: BodyOutcome;
}

export interface PassedMessage {
  readonly direction: "send" | "receive";
  readonly isText: boolean;
  readonly bytes: Buffer;
}

/** Whether rules that keep this out look at bodies, or leave one out. */
export function concernsBodies(parts: readonly KeptOut[]): boolean {
  return looksAtBodies(parts) || parts.some(({ bodies }) => bodies.length > 0);
}

/** Whether what is in bodies decides what of the exchange is kept out. */
export function looksAtBodies(parts: readonly KeptOut[]): boolean {
  return namesParts(parts) || parts.some(({ secrets }) => secrets);
}

function namesParts(parts: readonly KeptOut[]): boolean {
  return parts.some(({ form, json }) => form.length > 0 || json.length > 0);
}

/** A piece of a document or a form (RFC 9110 section 14.4) begins in the middle of anything. */
function isPiece(headers: RawHeaders): boolean {
  const type = mediaType(headers);
  if (type === "multipart/byteranges") return true;
  return headerValue(headers, "content-range") !== undefined && (type === "" || isTextType(type));
}

/** Whether a body goes whatever is in it. */
export function leavesOut(parts: readonly KeptOut[], side: Side): boolean {
  return parts.some(({ bodies }) => bodies.includes(side));
}

export class ExchangeRedaction {
  readonly #parts: readonly KeptOut[];
  readonly #named: NamedParts;
  readonly #secrets: Redaction | undefined;

  /** @param secrets finds secrets by itself; asked only where a rule wants that */
  constructor(parts: readonly KeptOut[], secrets: () => Redaction) {
    this.#parts = parts;
    this.#named = new NamedParts(parts);
    this.#secrets = parts.some((part) => part.secrets) ? secrets() : undefined;
  }

  /** Whether any body is looked at, or left out. */
  get concernsBodies(): boolean {
    return concernsBodies(this.#parts);
  }

  /** The exchange without its bodies. */
  heads<Kind extends Exchange>(exchange: Kind): Kind {
    const named = this.#named.exchange(exchange);
    this.#secrets?.learnExchange(named);
    const clean = this.#named.known.exchange(named);
    return this.#secrets?.exchange(clean) ?? clean;
  }

  async exchange(
    exchange: Exchange,
    bodies: Readonly<Partial<Record<Side, PassedBody>>>,
  ): Promise<RedactedExchange> {
    const { url } = exchange.request;
    const answer = exchange.kind === "tunnel" ? undefined : exchange.response;
    // What the heads give away may stand in the bodies, and the other way round: all is looked at before anything is written.
    this.#named.exchange(exchange);
    const request = await this.#looked(bodies.request, exchange.request.headers, "request", url);
    const response = await this.#looked(bodies.response, answer?.headers ?? [], "response", url);
    const outcome = { request: this.#written(request), response: this.#written(response) };
    return { ...outcome, exchange: withSize(this.heads(exchange), outcome.response) };
  }

  /** @returns undefined where it is left out as a whole */
  message({ direction, isText, bytes }: PassedMessage, url: string): Buffer | undefined {
    const side = direction === "send" ? "request" : "response";
    if (leavesOut(this.#parts, side)) return undefined;
    const named = this.#named.content(bytes, isText ? "" : "application/octet-stream");
    if (named === undefined) return undefined;
    const known = this.#named.known.replacedInBytes(named);
    if (this.#secrets === undefined) return known;
    const data = isText ? known.toString("utf8") : known;
    const [clean] = this.#secrets.messages([{ direction, data }], url);
    if (clean === undefined || clean.data === data) return known;
    return typeof clean.data === "string" ? Buffer.from(clean.data, "utf8") : clean.data;
  }

  /** Without its named parts; the others are replaced when all are known. */
  async #looked(
    body: PassedBody | undefined,
    headers: RawHeaders,
    side: Side,
    url: string,
  ): Promise<LookedAt | "as-it-was" | "left-out"> {
    if (body === undefined) return "as-it-was";
    if (leavesOut(this.#parts, side)) return "left-out";
    if (!looksAtBodies(this.#parts)) return "as-it-was";
    if (body.bytes === undefined || (namesParts(this.#parts) && isPiece(headers))) return "left-out";
    const coded = body.decoded === undefined ? headers : [];
    const { bytes, codings, problem, limited } = await decodeContent(body.bytes, coded, {
      limit: BODY_LIMIT,
    });
    if (problem !== undefined || limited === true) return "left-out";
    const contentType = headerValue(headers, "content-type") ?? "";
    const named = this.#named.content(bytes, contentType);
    if (named === undefined) return "left-out";
    this.#secrets?.learnContent(named, { headers, side, url });
    const chunks =
      body.chunks === undefined ? undefined : await decodedChunks(body.bytes, coded, body.chunks);
    const decoded = codings.length > 0 ? "content" : body.decoded;
    return { bytes, named, chunks, decoded, place: { headers, side, url } };
  }

  #written(looked: LookedAt | "as-it-was" | "left-out"): BodyOutcome {
    if (typeof looked === "string") return { kind: looked };
    const { bytes, named, place, decoded } = looked;
    const known = this.#named.known.replacedInBytes(named);
    const chunks =
      looked.chunks && known !== bytes
        ? movedChunks(bytes, known, place.headers, looked.chunks)
        : looked.chunks;
    const clean = this.#secrets?.content(known, place, chunks) ?? { bytes: known, chunks };
    if (clean.bytes.equals(bytes)) return { kind: "as-it-was" };
    return {
      kind: "changed",
      bytes: clean.bytes,
      chunks: clean.chunks,
      decoded: "utf8" in clean && clean.utf8 === true ? "text" : decoded,
      size: bytes.length,
    };
  }
}

interface LookedAt {
  readonly bytes: Buffer;
  readonly named: Buffer;
  readonly chunks: Chunks | undefined;
  readonly decoded: Body["decoded"];
  readonly place: { readonly headers: RawHeaders; readonly side: Side; readonly url: string };
}

/** What an export says of the content's size: that of what was sent. */
function withSize(exchange: Exchange, outcome: BodyOutcome): Exchange {
  if (outcome.kind !== "changed" || outcome.decoded === undefined) return exchange;
  const { har } = exchange;
  return { ...exchange, har: { ...har, content: { ...har?.content, size: outcome.size } } };
}
