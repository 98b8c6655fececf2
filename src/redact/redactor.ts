// The one door through which everything that leaves the machine goes: exchanges, contents, messages. One redactor per
// export; equal secrets get equal placeholders, and what was a secret once is one everywhere after.
import type { Exchange, HttpResponse } from "../exchange/exchange.js";
import { Deltas } from "./deltas.js";
import { findAnywhere, findLearned } from "./find-anywhere.js";
import { redactBinary } from "./find-binary.js";
import { findContent } from "./find-content.js";
import { findUrl } from "./find-url.js";
import { redactHeaders, redactHeaderValue } from "./headers.js";
import { type Outcome, Outcomes } from "./outcomes.js";
import { compilePolicy, DEFAULT_POLICY, type Policy } from "./policy.js";
import { type RedactionReport, Tally } from "./report.js";
import { Scan } from "./scan.js";
import { holdsNothing } from "./screen/screen.js";
import { mayHoldTokens } from "./screen/tokens.js";
import { Vault } from "./vault.js";
import { type ContentInfo, DEEPEST, type Work } from "./work.js";

/** One message of a WebSocket: text, or the bytes of a binary one. */
export interface RedactableMessage {
  readonly direction: "send" | "receive";
  readonly data: string | Buffer;
}

export interface Redactor {
  /** Addresses, header fields, trailers and error message. Bodies stay: they go through `content` or `bytes`. */
  exchange(exchange: Exchange): Exchange;
  /** A decoded body that is text. Its syntax stays valid, its formatting as it is. */
  content(text: string, info: ContentInfo): string;
  /** A body that is no text; as many bytes come back. */
  bytes(bytes: Buffer, info: ContentInfo): Buffer;
  /**
   * A decoded body, text or not. After `learn.body` of the same bytes this takes a fraction of the time.
   *
   * @returns the new text where it is one; else bytes, the very ones that were given where nothing was replaced
   */
  body(bytes: Buffer, info: ContentInfo, read: ReadBody): BodyText | Buffer;
  /** Messages of one WebSocket in their order. A secret that is split over several is found within one call. */
  messages<Message extends RedactableMessage>(
    messages: readonly Message[],
    info: { readonly url?: string },
  ): Message[];
  /**
   * The same for a first pass: takes note of the secrets and counts nothing. After it, a secret is also replaced
   * where it stands before the place that gives it away.
   */
  readonly learn: {
    exchange(exchange: Exchange): void;
    content(text: string, info: ContentInfo): void;
    body(bytes: Buffer, info: ContentInfo, read: ReadBody): void;
    messages(messages: readonly RedactableMessage[], info: { readonly url?: string }): void;
  };
  report(): RedactionReport;
}

/** A body as text. `charset` is what it was read by, as the reader calls it; bytes in UTF-8 are read as "utf-8". */
interface BodyText {
  readonly text: string;
  readonly charset: string | null;
}

/** Reads a body as text; null where it is none. */
type ReadBody = () => BodyText | null;

type Place =
  | "url"
  | "request header"
  | "response header"
  | "request body"
  | "response body"
  | "websocket"
  | "error";

/** @param policy the built-in one where absent */
export function createRedactor(policy: Policy = DEFAULT_POLICY): Redactor {
  const redaction = new Redaction(policy);
  return {
    exchange: (exchange) => redaction.exchange(exchange),
    content: (text, info) => redaction.content(text, info),
    bytes: (bytes, info) => redaction.bytes(bytes, info),
    body: (bytes, info, read) => redaction.body(bytes, info, read),
    messages: (messages, info) => redaction.messages(messages, info),
    learn: {
      exchange: (exchange) => redaction.silently(() => redaction.exchange(exchange)),
      content: (text, info) => redaction.silently(() => redaction.content(text, info)),
      body: (bytes, info, read) => redaction.silently(() => redaction.body(bytes, info, read)),
      messages: (messages, info) => redaction.silently(() => redaction.messages(messages, info)),
    },
    report: () => redaction.tally.report(redaction.vault.distinct, redaction.vault.forgone),
  };
}

class Redaction {
  readonly vault: Vault;
  readonly tally = new Tally();
  readonly #policy;
  readonly #outcomes = new Outcomes();
  #silent = false;
  /** Texts that stood encoded within others: what is found there depends on all that was learned so far. */
  #nested = 0;

  constructor(policy: Policy) {
    this.#policy = compilePolicy(policy);
    this.vault = new Vault((value) => this.#policy.keepsValue(value));
    for (const literal of this.#policy.literals) this.vault.learn(literal, "shape");
  }

  silently(run: () => void): void {
    this.#silent = true;
    try {
      run();
    } finally {
      this.#silent = false;
    }
  }

  exchange<Kind extends Exchange>(exchange: Kind): Kind {
    if (this.#policy.keepsUrl(exchange.request.url)) return exchange;
    const { request, error } = exchange;
    const asked = { contentType: "", side: "request" } as const;
    const url = this.#work("url", asked);
    const fields = this.#work("request header", asked, true);
    const response = exchange.kind === "tunnel" ? undefined : exchange.response;
    const { authority, trailers } = request;
    return {
      ...exchange,
      request: {
        ...request,
        url: address(request.url, url),
        target: address(request.target, url),
        headers: redactHeaders(request.headers, fields),
        ...(authority === undefined ? {} : { authority: plain(authority, url) }),
        ...(trailers === undefined ? {} : { trailers: redactHeaders(trailers, fields) }),
      },
      ...(response === undefined ? {} : { response: this.#response(response) }),
      ...(error === undefined
        ? {}
        : { error: { ...error, message: plain(error.message, this.#work("error", asked)) } }),
    };
  }

  #response(response: HttpResponse): HttpResponse {
    const fields = this.#work("response header", { contentType: "", side: "response" }, true);
    const { trailers, informational } = response;
    return {
      ...response,
      headers: redactHeaders(response.headers, fields),
      ...(trailers === undefined ? {} : { trailers: redactHeaders(trailers, fields) }),
      ...(informational === undefined
        ? {}
        : {
            informational: informational.map((one) => ({
              ...one,
              headers: redactHeaders(one.headers, fields),
            })),
          }),
    };
  }

  content(text: string, info: ContentInfo): string {
    if (info.url !== undefined && this.#policy.keepsUrl(info.url)) return text;
    return redactText(text, this.#work(`${info.side} body`, info), info.contentType);
  }

  bytes(bytes: Buffer, info: ContentInfo): Buffer {
    if (info.url !== undefined && this.#policy.keepsUrl(info.url)) return bytes;
    const latin1 = bytes.toString("latin1");
    const cleaned = redactBinary(latin1, this.#work(`${info.side} body`, info));
    return cleaned === latin1 ? bytes : Buffer.from(cleaned, "latin1");
  }

  body(bytes: Buffer, info: ContentInfo, read: ReadBody): BodyText | Buffer {
    if (bytes.length === 0 || (info.url !== undefined && this.#policy.keepsUrl(info.url))) return bytes;
    // Bytes are not learned from, and a look at them costs less than the key that they would be known by.
    if (MEDIA.test(info.contentType) && read() === null) return this.#redactedBytes(bytes, info);
    const key = this.#outcomes.keyOf(bytes, info);
    const outcome = this.#outcomes.get(key);
    if (outcome !== undefined) return this.#known(bytes, info, outcome);
    const given = read();
    if (given === null) return this.#redactedBytes(bytes, info);
    const { text, charset } = given;
    const work = this.#work(`${info.side} body`, info);
    let before = this.#nested;
    if (charset === "utf-8" && holdsNothing(bytes, info.contentType, work, () => this.#nested++)) {
      const scan = new Scan(text, work);
      this.#policy.findPatterns(scan);
      if (this.#nested === before) this.#outcomes.set(key, scan.own);
      return this.#known(bytes, info, scan.own);
    }
    before = this.#nested;
    const scan = scanOf(text, work, info.contentType);
    if (charset === "utf-8" && this.#nested === before) this.#outcomes.set(key, scan.own);
    return this.#written(scan, bytes, charset);
  }

  /** A body of which is known what stands in it. */
  #known(bytes: Buffer, info: ContentInfo, outcome: Outcome): BodyText | Buffer {
    if (outcome.length === 0 && !this.vault.index.mayStandIn(bytes)) return bytes;
    const scan = new Scan(bytes.toString("utf8"), this.#work(`${info.side} body`, info), outcome);
    findLearned(scan);
    return this.#written(scan, bytes, "utf-8");
  }

  #written(scan: Scan, bytes: Buffer, charset: string | null): BodyText | Buffer {
    const text = scan.result();
    return text === scan.text ? bytes : { text, charset };
  }

  #redactedBytes(bytes: Buffer, info: ContentInfo): Buffer {
    if (this.#silent) return bytes;
    const work = this.#work(`${info.side} body`, info);
    if (!mayHoldTokens({ bytes, work, nested: () => true }, true) && !this.vault.index.mayStandIn(bytes))
      return bytes;
    return this.bytes(bytes, info);
  }

  messages<Message extends RedactableMessage>(
    messages: readonly Message[],
    info: { readonly url?: string },
  ): Message[] {
    if (info.url !== undefined && this.#policy.keepsUrl(info.url)) return [...messages];
    const works = {
      send: this.#work("websocket", { contentType: "", side: "request" }),
      receive: this.#work("websocket", { contentType: "", side: "response" }),
    };
    const deltas = { send: new Deltas(), receive: new Deltas() };
    const scans = messages.map(({ data, direction }) => {
      if (typeof data !== "string") return null;
      const scan = new Scan(data, works[direction]);
      deltas[direction].add(scan, 0, data.length);
      return scan;
    });
    deltas.send.finish();
    deltas.receive.finish();
    return messages.map((message, index): Message => {
      const scan = scans[index];
      if (scan === null || scan === undefined) {
        const { data, direction } = message;
        const contentType = "application/octet-stream";
        const side = direction === "send" ? "request" : "response";
        return typeof data === "string"
          ? message
          : { ...message, data: this.bytes(data, { contentType, side }) };
      }
      findAnywhere(scan);
      const data = scan.result();
      return data === message.data ? message : { ...message, data };
    });
  }

  #work(place: Place, info: ContentInfo, header = false, depth = 0): Work {
    const { vault, tally } = this;
    const policy = this.#policy;
    const deeper = (): Work => this.#work(place, { ...info, contentType: "" }, false, depth + 1);
    const work: Work = {
      vault,
      policy,
      info,
      names: header ? policy.headers : policy.fields,
      count: (kind) => {
        if (!this.#silent) tally.count(kind, place);
      },
      nested: (text) => {
        this.#nested++;
        return depth >= DEEPEST ? text : redactText(text, deeper(), "");
      },
      joined: (text) => {
        this.#nested++;
        if (depth >= DEEPEST) return [];
        const scan = new Scan(text, deeper());
        findContent(scan, 0, text.length, "");
        findAnywhere(scan);
        return scan.replacements();
      },
      headerValue: (name, value) => {
        this.#nested++;
        return redactHeaderValue(name, value, work);
      },
    };
    return work;
  }
}

function redactText(text: string, work: Work, contentType: string): string {
  return scanOf(text, work, contentType).result();
}

function scanOf(text: string, work: Work, contentType: string): Scan {
  const scan = new Scan(text, work);
  findContent(scan, 0, text.length, contentType);
  findAnywhere(scan);
  return scan;
}

/** Media types whose bodies are bytes, but for some. */
const MEDIA = /^\s*(?:image|audio|video|font)\//i;

function address(text: string, work: Work): string {
  const scan = new Scan(text, work);
  findUrl(scan, 0, text.length);
  findAnywhere(scan);
  return scan.result();
}

function plain(text: string, work: Work): string {
  const scan = new Scan(text, work);
  findAnywhere(scan);
  return scan.result();
}
