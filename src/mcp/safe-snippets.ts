// What stands around the matches of a search, from redacted text: a snippet of the recorded text could hold half of a
// secret, which nothing would know for one.
import type { Body } from "../exchange/body.js";
import type { Exchange, HttpResponse } from "../exchange/exchange.js";
import type { RawHeaders } from "../exchange/headers.js";
import type { Selected } from "../operations/query.js";
import type { SearchHit, SearchPlace } from "../operations/search.js";
import { shortened } from "./budget.js";
import { textOf } from "./content-text.js";
import type { ToolContext } from "./tool.js";

export interface SafeHit {
  readonly session: string;
  readonly id: string;
  readonly seq: number;
  readonly method: string;
  readonly url: string;
  readonly status: number | null;
  readonly matches: number;
  readonly places: readonly SafePlace[];
}

interface SafePlace {
  readonly place: SearchPlace;
  /** The name of the header field, or the number of the message. */
  readonly detail?: string;
  readonly text: string;
}

const AROUND = 60;
const LOOKED_AT = 1024 * 1024;
const HIDDEN = "(inside of a value that is redacted)";
const LONGEST_URL = 300;

/** @param selected the exchange of the hit. @throws SESSION_DAMAGED */
export async function safeHit(hit: SearchHit, selected: Selected, { safe }: ToolContext): Promise<SafeHit> {
  const exchange = await safe.learn(selected);
  const clean = safe.exchange(exchange);
  const texts = new PlaceTexts(selected, exchange, clean, safe);
  const places: SafePlace[] = [];
  for (const { place, detail, ...snippet } of hit.snippets) {
    const text = await texts.around(place, detail, snippet);
    places.push({ place, ...(detail === undefined ? {} : { detail }), text });
  }
  return {
    session: hit.session,
    id: hit.facts.id,
    seq: hit.facts.seq,
    method: clean.request.method,
    url: shortened(clean.request.url, LONGEST_URL),
    status: hit.facts.status,
    matches: hit.matches,
    places,
  };
}

/** The redacted texts of one exchange, and how far in each of them matches were shown. */
class PlaceTexts {
  readonly #selected: Selected;
  readonly #exchange: Exchange;
  readonly #clean: Exchange;
  readonly #safe: ToolContext["safe"];
  readonly #texts = new Map<string, { readonly text: string; at: number }>();

  constructor(selected: Selected, exchange: Exchange, clean: Exchange, safe: ToolContext["safe"]) {
    this.#selected = selected;
    this.#exchange = exchange;
    this.#clean = clean;
    this.#safe = safe;
  }

  async around(
    place: SearchPlace,
    detail: string | undefined,
    { text, start, end }: Pick<SearchHit["snippets"][number], "text" | "start" | "end">,
  ): Promise<string> {
    const key = `${place} ${detail ?? ""}`;
    const known = this.#texts.get(key) ?? { text: oneLine(await this.#text(place, detail)), at: 0 };
    this.#texts.set(key, known);
    const match = text.slice(start, end);
    const at = match.trim() === "" ? -1 : known.text.indexOf(match, known.at);
    if (at === -1) return HIDDEN;
    known.at = at + match.length;
    return known.text.slice(Math.max(0, at - AROUND), at + match.length + AROUND);
  }

  async #text(place: SearchPlace, detail: string | undefined): Promise<string> {
    const { request } = this.#clean;
    switch (place) {
      case "url":
        return request.url;
      case "headers":
        return [...request.headers, ...(responseOf(this.#clean)?.headers ?? [])]
          .filter(([name]) => detail === undefined || name === detail)
          .map(([name, value]) => `${name}: ${utf8(value)}`)
          .join("\n");
      case "request":
        return await this.#body(this.#exchange.request, "request");
      case "response": {
        const response = responseOf(this.#exchange);
        return response === undefined ? "" : await this.#body(response, "response");
      }
      case "websocket":
        return await this.#message(Number(detail));
    }
  }

  async #body(
    message: { readonly body: Body; readonly headers: RawHeaders },
    side: "request" | "response",
  ): Promise<string> {
    const { bytes } = await this.#selected.content(message, { limit: LOOKED_AT });
    const place = { headers: message.headers, side, url: this.#exchange.request.url };
    const clean = this.#safe.redaction?.content(bytes, place) ?? { bytes };
    return textOf(clean.bytes, message.headers) ?? "";
  }

  async #message(number: number): Promise<string> {
    for await (const { seq, body, direction } of this.#selected.messages()) {
      if (seq !== number) continue;
      const data = (await this.#selected.storedBody(body, LOOKED_AT)).toString("utf8");
      const [clean] = this.#safe.messages([{ direction, data }], this.#exchange.request.url);
      return clean?.data.toString() ?? "";
    }
    return "";
  }
}

function responseOf(exchange: Exchange): HttpResponse | undefined {
  return exchange.kind === "tunnel" ? undefined : exchange.response;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}

/** A header value has one byte a character. */
function utf8(value: string): string {
  return Buffer.from(value, "latin1").toString("utf8");
}
