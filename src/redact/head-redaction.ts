// Redacts what an exchange has beside its bodies: addresses, header fields, trailers, error message.
import type { Exchange, HttpRequest, HttpResponse } from "../exchange/exchange.js";
import type { RawHeaders } from "../exchange/headers.js";
import { findAnywhere } from "./find-anywhere.js";
import { findUrl } from "./find-url.js";
import { findField } from "./headers.js";
import type { Scan } from "./scan.js";
import { ValueMemo } from "./value-memo.js";
import type { Work } from "./work.js";
import type { Works } from "./works.js";

const ASKED = { contentType: "", side: "request" } as const;
const ANSWERED = { contentType: "", side: "response" } as const;

export class HeadRedaction {
  readonly #url: Work;
  readonly #target: Work;
  readonly #error: Work;
  readonly #request: Work;
  readonly #response: Work;
  readonly #addresses: ValueMemo;
  readonly #requestFields: ValueMemo;
  readonly #responseFields: ValueMemo;

  constructor(readonly works: Works) {
    this.#url = works.at("url", ASKED);
    this.#target = works.at("url", ASKED, { uncounted: true });
    this.#error = works.at("error", ASKED);
    this.#request = works.at("request header", ASKED, { header: true });
    this.#response = works.at("response header", ANSWERED, { header: true });
    this.#addresses = new ValueMemo(works);
    this.#requestFields = new ValueMemo(works);
    this.#responseFields = new ValueMemo(works);
  }

  exchange<Kind extends Exchange>(exchange: Kind): Kind {
    if (this.works.keeps(exchange.request.url)) return exchange;
    const { request, error } = exchange;
    const response = exchange.kind === "tunnel" ? undefined : exchange.response;
    return {
      ...exchange,
      request: this.#asked(request),
      ...(response === undefined ? {} : { response: this.#answered(response) }),
      ...(error === undefined
        ? {}
        : {
            error: {
              ...error,
              message: this.#addresses.redacted("", error.message, this.#error, findAnywhere),
            },
          }),
    };
  }

  #asked(request: HttpRequest): HttpRequest {
    const { authority, trailers } = request;
    const url = this.#addresses.redacted("url", request.url, this.#url, findAddress);
    // The target is the address once more, as it was sent: one place, unless it holds what the address does not.
    const isSame = url !== request.url;
    const target = this.#addresses.redacted(
      "url",
      request.target,
      isSame ? this.#target : this.#url,
      findAddress,
    );
    return {
      ...request,
      url,
      target,
      headers: this.#fields(request.headers, this.#request, this.#requestFields),
      ...(authority === undefined
        ? {}
        : { authority: this.#addresses.redacted("", authority, this.#url, findAnywhere) }),
      ...(trailers === undefined
        ? {}
        : { trailers: this.#fields(trailers, this.#request, this.#requestFields) }),
    };
  }

  #answered(response: HttpResponse): HttpResponse {
    const { trailers, informational } = response;
    const fields = (headers: RawHeaders): RawHeaders =>
      this.#fields(headers, this.#response, this.#responseFields);
    return {
      ...response,
      headers: fields(response.headers),
      ...(trailers === undefined ? {} : { trailers: fields(trailers) }),
      ...(informational === undefined
        ? {}
        : { informational: informational.map((one) => ({ ...one, headers: fields(one.headers) })) }),
    };
  }

  #fields(headers: RawHeaders, work: Work, memo: ValueMemo): RawHeaders {
    let changed: (readonly [string, string])[] | null = null;
    for (let at = 0; at < headers.length; at++) {
      const [name, value] = headers[at]!;
      const next = memo.redacted(name, value, work, findField);
      if (next === value) continue;
      changed ??= [...headers];
      changed[at] = [name, next];
    }
    return changed ?? headers;
  }
}

function findAddress(scan: Scan): void {
  findUrl(scan, 0, scan.text.length);
  findAnywhere(scan);
}
