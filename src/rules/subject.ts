// What a rule's match looks at: a filter's subject, and the parts of its URL, taken apart once for all rules.
import { type Parameter, parseQuery } from "../content/query.js";
import type { HttpVersion } from "../exchange/exchange.js";
import type { ExchangeFacts } from "../exchange/facts.js";
import { headerValue, type RawHeaders } from "../exchange/headers.js";
import type { ExchangeId } from "../exchange/id.js";
import { isStreaming } from "../exchange/summary.js";
import { headerLines, hostOf, type Subject, urlText } from "../filter/subject.js";

export interface RequestHead {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  readonly httpVersion: HttpVersion;
  readonly headers: RawHeaders;
  /** The connection is to become a tunnel of this protocol (`websocket`). */
  readonly upgrade?: string | undefined;
  /** `address:port`; "" where it is not known. */
  readonly client?: string | undefined;
  readonly id?: ExchangeId | undefined;
}

export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  readonly httpVersion: HttpVersion;
  readonly headers: RawHeaders;
}

let subjects = 0;

export class RuleSubject implements Subject {
  /** Another one for each subject. */
  readonly number = ++subjects;
  readonly facts: ExchangeFacts;
  readonly phase: "request" | "response";
  readonly requestHeaders: RawHeaders;
  readonly responseHeaders?: RawHeaders;
  readonly requestContent?: string;
  readonly responseContent?: string;
  #rawHost: string | undefined;
  #host: string | undefined;
  #bareUrl: string | undefined;
  #urlText: string | undefined;
  #urlLower: string | undefined;
  #headerText: string | undefined;
  #headerLower: string | undefined;
  #isAscii: boolean | undefined;
  #path: string | undefined;
  #query: readonly Parameter[] | undefined;
  #json: { readonly value: unknown } | undefined;

  constructor(
    head: RequestHead,
    tags: readonly string[],
    now: number,
    rest: {
      readonly response?: ResponseHead | undefined;
      readonly requestContent?: string | undefined;
      readonly responseContent?: string | undefined;
    } = {},
  ) {
    const { response, requestContent, responseContent } = rest;
    this.facts = factsOf(head, tags, now, response);
    this.phase = response === undefined ? "request" : "response";
    this.requestHeaders = head.headers;
    if (response !== undefined) this.responseHeaders = response.headers;
    if (requestContent !== undefined) this.requestContent = requestContent;
    if (responseContent !== undefined) this.responseContent = responseContent;
  }

  /** As filters take it. */
  get rawHost(): string {
    this.#rawHost ??= hostOf(this);
    return this.#rawHost;
  }

  /** Lower case, an IPv6 address without brackets. */
  get host(): string {
    this.#host ??= this.rawHost.toLowerCase();
    return this.#host;
  }

  /** Without the query. */
  get bareUrl(): string {
    this.#bareUrl ??= this.facts.url.split("?", 1)[0]!;
    return this.#bareUrl;
  }

  /** As filters take it. */
  get urlText(): string {
    this.#urlText ??= urlText(this);
    return this.#urlText;
  }

  get urlLower(): string {
    this.#urlLower ??= this.urlText.toLowerCase();
    return this.#urlLower;
  }

  /** The request's header lines, as filters take them. */
  get headerText(): string {
    this.#headerText ??= headerLines(this.requestHeaders);
    return this.#headerText;
  }

  get headerLower(): string {
    this.#headerLower ??= this.headerText.toLowerCase();
    return this.#headerLower;
  }

  /** Method and URL are ASCII without line breaks. */
  get isAscii(): boolean {
    const { method, url } = this.facts;
    this.#isAscii ??= /^[\t -~]*$/.test(method + url);
    return this.#isAscii;
  }

  /** As sent, without the query. */
  get path(): string {
    this.#path ??= /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*([^?#]*)/i.exec(this.facts.url)?.[1] || "/";
    return this.#path;
  }

  get query(): readonly Parameter[] {
    this.#query ??= parseQuery(this.facts.url);
    return this.#query;
  }

  /** The request's body as JSON; undefined where it is none. Ask only where there is content. */
  get json(): unknown {
    this.#json ??= { value: parseJson(this.requestContent ?? "") };
    return this.#json.value;
  }
}

function factsOf(
  head: RequestHead,
  tags: readonly string[],
  now: number,
  response: ResponseHead | undefined,
): ExchangeFacts {
  return {
    // What an exchange gets when its recording begins may not be there yet.
    id: head.id ?? ("" as ExchangeId),
    seq: 0,
    // A rule for WebSockets acts on the request that asks for one.
    kind: head.upgrade === "websocket" ? "websocket" : "http",
    startedAt: now,
    duration: null,
    method: head.method,
    url: head.url,
    requestVersion: head.httpVersion,
    responseVersion: response?.httpVersion ?? null,
    status: response?.status ?? null,
    reason: response?.reason ?? "",
    requestType: headerValue(head.headers, "content-type") ?? "",
    responseType: response === undefined ? "" : (headerValue(response.headers, "content-type") ?? ""),
    requestSize: 0,
    responseSize: 0,
    streaming: response !== undefined && isStreaming(response),
    error: null,
    client: head.client ?? "",
    server: "",
    tags,
    rules: [],
    replays: null,
    messages: 0,
  };
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(Buffer.from(content, "latin1").toString("utf8"));
  } catch {
    return undefined;
  }
}
