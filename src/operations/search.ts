// Searches URLs, header fields, decoded bodies and WebSocket messages, and gives the places with what stands around them.
import { decodeText, looksLikeText } from "../content/text.js";
import { TrafficError } from "../errors.js";
import type { Body } from "../exchange/body.js";
import type { Exchange } from "../exchange/exchange.js";
import type { ExchangeFacts } from "../exchange/facts.js";
import { headerValue, type RawHeaders } from "../exchange/headers.js";
import { type Finder, finderOf } from "../filter/finder.js";
import { type Choice, query, type Selected, type SourceReport } from "./query.js";

const SEARCH_PLACES = ["url", "headers", "request", "response", "websocket"] as const;
export type SearchPlace = (typeof SEARCH_PLACES)[number];

export interface SearchInput extends Choice {
  readonly pattern: string;
  /** The pattern is a regular expression. Default: a text as it is. */
  readonly regex?: boolean;
  readonly caseSensitive?: boolean;
  /** Default: all of them. */
  readonly places?: readonly SearchPlace[];
  /** Snippets to give of each exchange. Default 5. */
  readonly snippets?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onSearched?: ((progress: { done: number; total: number }) => void) | undefined;
}

interface Snippet {
  readonly place: SearchPlace;
  /** The name of the header field, or the number of the message. */
  readonly detail?: string;
  /** Text around the match, on one line; the match is `text.slice(start, end)`. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface SearchHit {
  readonly session: string;
  readonly facts: ExchangeFacts;
  /** Matches in it, up to 1,000 in each place. */
  readonly matches: number;
  readonly snippets: readonly Snippet[];
}

/** Filled while the hits are read; complete when they have ended. */
export interface SearchReport {
  /** Exchanges that were looked at. */
  searched: number;
  /** Exchanges with a match, and matches. */
  exchanges: number;
  matches: number;
  /** Bodies and messages that are no text, and were passed by. */
  binary: number;
  /** Bodies of which only the first 32 MiB were looked at. */
  limited: number;
  sources: readonly SourceReport[];
}

export function createSearchReport(): SearchReport {
  return { searched: 0, exchanges: 0, matches: 0, binary: 0, limited: 0, sources: [] };
}

const CONTENT_LIMIT = 32 * 1024 * 1024;
const MOST_IN_PLACE = 1000;
const SNIPPETS = 5;
/** Characters shown to each side of a match, and of a long match. */
const AROUND = 40;
const LONGEST_MATCH = 120;

/** @throws FILTER_INVALID, PATTERN_TOO_SLOW (which names the exchange), and what `query` throws. */
export async function* search(
  input: SearchInput,
  report: SearchReport = createSearchReport(),
): AsyncGenerator<SearchHit, void, void> {
  const finder = finderOf(input.pattern, {
    regex: input.regex === true,
    caseSensitive: input.caseSensitive === true,
  });
  const selection = await query(input);
  report.sources = selection.reports;
  try {
    for await (const selected of selection) {
      input.signal?.throwIfAborted();
      const hit = await new ExchangeSearch(input, finder, selected, report).run();
      report.searched++;
      input.onSearched?.({ done: report.searched, total: selection.given });
      if (hit === undefined) continue;
      report.exchanges++;
      report.matches += hit.matches;
      yield hit;
    }
  } finally {
    await selection.close();
  }
}

class ExchangeSearch {
  readonly #places: ReadonlySet<SearchPlace>;
  readonly #most: number;
  readonly #finder: Finder;
  readonly #selected: Selected;
  readonly #report: SearchReport;
  readonly #snippets: Snippet[] = [];
  #matches = 0;

  constructor(input: SearchInput, finder: Finder, selected: Selected, report: SearchReport) {
    this.#places = new Set(input.places ?? SEARCH_PLACES);
    this.#most = input.snippets ?? SNIPPETS;
    this.#finder = finder;
    this.#selected = selected;
    this.#report = report;
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
    return { session: source.label, facts, matches: this.#matches, snippets: this.#snippets };
  }

  async #search(): Promise<void> {
    const { facts } = this.#selected;
    if (this.#places.has("url")) this.#find(facts.url, "url");
    if (this.#places.size === 1 && this.#places.has("url")) return;
    const exchange = await this.#selected.exchange();
    const response = exchange.kind === "tunnel" ? undefined : exchange.response;
    if (this.#places.has("headers")) {
      this.#fields(exchange.request.headers);
      this.#fields(response?.headers ?? []);
    }
    if (this.#places.has("request")) await this.#body(exchange.request, "request");
    if (this.#places.has("response") && response !== undefined) await this.#body(response, "response");
    if (this.#places.has("websocket")) await this.#messages(exchange);
  }

  #fields(headers: RawHeaders): void {
    for (const [name, value] of headers) {
      const line = `${name}: ${value}`;
      if (this.#finder.test(line)) this.#find(line, "headers", name);
    }
  }

  async #body(message: { body: Body; headers: RawHeaders }, place: "request" | "response"): Promise<void> {
    if (message.body.kind === "empty" || message.body.kind === "omitted") return;
    const { bytes, limited } = await this.#selected.content(message, { limit: CONTENT_LIMIT });
    if (limited === true || (message.body.kind === "file" && message.body.stored > CONTENT_LIMIT))
      this.#report.limited++;
    const text = utf8Of(bytes, headerValue(message.headers, "content-type") ?? "");
    if (text === null) this.#report.binary++;
    else this.#find(text, place);
  }

  async #messages(exchange: Exchange): Promise<void> {
    if (exchange.kind !== "websocket") return;
    for await (const { seq, body, opcode } of this.#selected.messages()) {
      if (opcode > 2) continue;
      const bytes = await this.#selected.storedBody(body, CONTENT_LIMIT);
      if (opcode === 2 && !looksLikeText(bytes)) this.#report.binary++;
      else this.#find(bytes.toString("latin1"), "websocket", String(seq));
    }
  }

  /** @param text one character a byte, UTF-8. */
  #find(text: string, place: SearchPlace, detail?: string): void {
    for (const { start, end } of this.#finder.find(text, MOST_IN_PLACE)) {
      this.#matches++;
      if (this.#snippets.length >= this.#most) continue;
      this.#snippets.push({
        place,
        ...(detail === undefined ? {} : { detail }),
        ...around(text, start, end),
      });
    }
  }
}

/** @returns the content as UTF-8, one character a byte; null where it is no text. */
function utf8Of(bytes: Buffer, contentType: string): string | null {
  const decoded = decodeText(bytes, contentType);
  if (decoded === null) return null;
  const isUtf8 = decoded.charset === "utf-8";
  return (isUtf8 ? bytes : Buffer.from(decoded.text, "utf8")).toString("latin1");
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
