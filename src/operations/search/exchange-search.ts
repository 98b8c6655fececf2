// Searches one exchange, place by place.
import { looksLikeText } from "../../content/text.js";
import { TrafficError } from "../../errors.js";
import type { Body } from "../../exchange/body.js";
import type { Exchange } from "../../exchange/exchange.js";
import { headerValue, type RawHeaders } from "../../exchange/headers.js";
import type { Finder } from "../../filter/finder.js";
import type { Selected } from "../query.js";
import { RedactedTexts, utf8Of } from "./redacted-texts.js";
import {
  SEARCH_PLACES,
  type SearchHit,
  type SearchInput,
  type SearchPlace,
  type SearchReport,
  type Snippet,
} from "./types.js";

const CONTENT_LIMIT = 32 * 1024 * 1024;
const MOST_IN_PLACE = 1000;
const SNIPPETS = 5;
const PLACEHOLDER = /redacted/i;
/** Characters shown to each side of a match, and of a long match. */
const AROUND = 40;
const LONGEST_MATCH = 120;

export class ExchangeSearch {
  readonly #places: ReadonlySet<SearchPlace>;
  readonly #most: number;
  readonly #finder: Finder;
  readonly #selected: Selected;
  readonly #report: SearchReport;
  readonly #redacted: RedactedTexts | undefined;
  readonly #snippets: Snippet[] = [];
  #matches = 0;

  constructor(input: SearchInput, finder: Finder, selected: Selected, report: SearchReport) {
    this.#places = new Set(input.places ?? SEARCH_PLACES);
    this.#most = input.snippets ?? SNIPPETS;
    this.#finder = finder;
    this.#selected = selected;
    this.#report = report;
    const { redact } = input;
    const mayBePlaceholder = PLACEHOLDER.test(input.pattern);
    this.#redacted = redact && new RedactedTexts(selected, () => redact(selected), mayBePlaceholder);
  }

  async run(): Promise<SearchHit | undefined> {
    const { facts, source } = this.#selected;
    try {
      await this.#search();
    } catch (cause) {
      if (!(cause instanceof TrafficError) || cause.code !== "PATTERN_TOO_SLOW") throw cause;
      throw new TrafficError(cause.code, `${cause.message}, in exchange ${facts.seq} of ${source.label}`, {
        ...(cause.hint === undefined ? {} : { hint: cause.hint }),
        cause,
      });
    }
    if (this.#matches === 0) return undefined;
    const url = (await this.#redacted?.url()) ?? facts.url;
    return {
      session: source.label,
      facts: { ...facts, url },
      matches: this.#matches,
      snippets: this.#snippets,
    };
  }

  async #search(): Promise<void> {
    const { facts } = this.#selected;
    if (this.#places.has("url")) await this.#find(facts.url, (redacted) => redacted.url(), "url");
    if (this.#places.size === 1 && this.#places.has("url")) return;
    const exchange = await this.#selected.exchange();
    const response = exchange.kind === "tunnel" ? undefined : exchange.response;
    if (this.#places.has("headers")) {
      await this.#fields(exchange.request.headers, "request");
      await this.#fields(response?.headers ?? [], "response");
    }
    if (this.#places.has("request")) await this.#body(exchange.request, "request");
    if (this.#places.has("response") && response !== undefined) await this.#body(response, "response");
    if (this.#places.has("websocket")) await this.#messages(exchange);
  }

  async #fields(headers: RawHeaders, side: "request" | "response"): Promise<void> {
    for (const [at, [name, value]] of headers.entries()) {
      const line = `${name}: ${value}`;
      if (this.#redacted?.mayBePlaceholder !== true && !this.#finder.test(line)) continue;
      await this.#find(line, (redacted) => redacted.field(side, at), "headers", name);
    }
  }

  async #body(message: { body: Body; headers: RawHeaders }, place: "request" | "response"): Promise<void> {
    if (message.body.kind === "empty" || message.body.kind === "omitted") return;
    const { bytes, limited } = await this.#selected.content(message, { limit: CONTENT_LIMIT });
    if (limited === true || (message.body.kind === "file" && message.body.stored > CONTENT_LIMIT))
      this.#report.limited++;
    const text = utf8Of(bytes, headerValue(message.headers, "content-type") ?? "");
    if (text === null) this.#report.binary++;
    else await this.#find(text, (redacted) => redacted.body(message, place, bytes), place);
  }

  async #messages(exchange: Exchange): Promise<void> {
    if (exchange.kind !== "websocket") return;
    for await (const { seq, body, opcode, direction } of this.#selected.messages()) {
      if (opcode > 2) continue;
      const bytes = await this.#selected.storedBody(body, CONTENT_LIMIT);
      if (opcode === 2 && !looksLikeText(bytes)) this.#report.binary++;
      else {
        const data = opcode === 2 ? bytes : bytes.toString("utf8");
        const clean = (redacted: RedactedTexts) => redacted.message({ direction, data });
        await this.#find(bytes.toString("latin1"), clean, "websocket", String(seq));
      }
    }
  }

  /**
   * @param text one character a byte, UTF-8
   * @param clean the same without secrets
   */
  async #find(
    text: string,
    clean: (redacted: RedactedTexts) => Promise<string>,
    place: SearchPlace,
    detail?: string,
  ): Promise<void> {
    const found = this.#finder.find(text, MOST_IN_PLACE);
    const where = { place, ...(detail === undefined ? {} : { detail }) };
    if (this.#redacted === undefined) return this.#show(text, found, where);
    if (found.length === 0 && !this.#redacted.mayBePlaceholder) return;
    const shown = await clean(this.#redacted);
    const left = this.#finder.find(shown, MOST_IN_PLACE);
    this.#show(shown, left, where);
    const hidden = found.length - left.length;
    if (hidden <= 0) return;
    this.#matches += hidden;
    if (this.#snippets.length < this.#most)
      this.#snippets.push({ ...where, text: "", start: 0, end: 0, hidden });
  }

  #show(text: string, found: ReturnType<Finder["find"]>, where: Pick<Snippet, "place" | "detail">): void {
    this.#matches += found.length;
    const room = Math.max(0, this.#most - this.#snippets.length);
    for (const { start, end } of found.slice(0, room)) {
      this.#snippets.push({ ...where, ...around(text, start, end) });
    }
  }
}

function around(bytes: string, start: number, end: number): Pick<Snippet, "text" | "start" | "end"> {
  const before = lineOf(bytes.slice(Math.max(0, start - AROUND), start));
  const match = lineOf(bytes.slice(start, Math.min(end, start + LONGEST_MATCH)));
  const after = lineOf(bytes.slice(end, end + AROUND));
  const cut = end - start > LONGEST_MATCH ? "…" : "";
  return { text: `${before}${match}${cut}${after}`, start: before.length, end: before.length + match.length };
}

/** Characters that a cut at a byte left over go, white space becomes one blank. */
function lineOf(bytes: string): string {
  return Buffer.from(bytes, "latin1")
    .toString("utf8")
    .replace(/\ufffd/g, "")
    .replace(/\s+/g, " ");
}
