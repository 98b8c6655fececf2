// Everything that is from traffic goes through here on its way out. One for a server, so that equal secrets get equal
// placeholders in all its answers.
import { TrafficError } from "../errors.js";
import { type Body, EMPTY_BODY } from "../exchange/body.js";
import type { Exchange, HttpExchange } from "../exchange/exchange.js";
import type { RawHeaders } from "../exchange/headers.js";
import { createExchangeIds } from "../exchange/id.js";
import type { Selected } from "../operations/query.js";
import { type ContentPlace, Redaction } from "../operations/redaction.js";

/** What is learnt of one body. */
const LEARN_LIMIT = 1024 * 1024;
/** Exchanges that need not be looked at again. */
const REMEMBERED = 100_000;

const TEXT: ContentPlace = { headers: [["Content-Type", "text/plain"]], side: "response", url: "" };

const NO_EXCHANGE: Omit<HttpExchange, "request"> = {
  kind: "http",
  id: createExchangeIds()(0),
  seq: 0,
  startedAt: new Date(0).toISOString(),
  duration: 0,
  timings: { blocked: -1, dns: -1, connect: -1, ssl: -1, send: 0, wait: 0, receive: 0 },
};

export class Safe {
  /** Undefined with `--no-redact`. */
  readonly redaction: Redaction | undefined;
  readonly #learnt = new Set<string>();

  constructor(redact: boolean) {
    this.redaction = redact ? new Redaction() : undefined;
  }

  /** Any text: a URL, a message, the output of a command. */
  readonly text = (text: string): string => {
    if (this.redaction === undefined || text === "") return text;
    return this.redaction.content(Buffer.from(text, "utf8"), TEXT).bytes.toString("utf8");
  };

  /** Every string in a JSON value. */
  deep<Value>(value: Value): Value;
  deep(value: unknown): unknown {
    if (this.redaction === undefined) return value;
    if (typeof value === "string") return this.text(value);
    if (Array.isArray(value)) return value.map((each: unknown) => this.deep(each));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [this.text(name), this.deep(each)]),
    );
  }

  exchange<Kind extends Exchange>(exchange: Kind): Kind {
    return this.redaction?.exchange(exchange) ?? exchange;
  }

  /** Header fields that are of no recorded exchange yet. */
  fields(headers: RawHeaders, side: "request" | "response", url: string): RawHeaders {
    if (this.redaction === undefined) return headers;
    const message = { headers, headersSize: -1, httpVersion: "HTTP/1.1", body: EMPTY_BODY } as const;
    const request = { ...message, method: "GET", url, target: "/" };
    const clean = this.redaction.exchange({
      ...NO_EXCHANGE,
      request,
      ...(side === "request" ? {} : { response: { ...message, status: 200, reason: "" } }),
    });
    return (side === "request" ? clean.request : clean.response)?.headers ?? [];
  }

  /** Of a WebSocket, in their order. */
  messages<Message extends { readonly direction: "send" | "receive"; readonly data: string | Buffer }>(
    messages: readonly Message[],
    url: string,
  ): Message[] {
    return this.redaction?.messages(messages, url) ?? [...messages];
  }

  /**
   * Takes note of what is secret in an exchange before anything of it is shown: what its body gives away as a token
   * stands in its URL as well. @throws SESSION_DAMAGED where the exchange itself can't be read
   */
  async learn(selected: Selected): Promise<Exchange> {
    const exchange = await selected.exchange();
    const { redaction } = this;
    if (redaction === undefined) return exchange;
    if (this.knows(selected)) return exchange;
    if (this.#learnt.size >= REMEMBERED) this.#learnt.clear();
    this.#learnt.add(keyOf(selected));
    redaction.learnExchange(exchange);
    const { url } = exchange.request;
    const response = exchange.kind === "tunnel" ? undefined : exchange.response;
    await this.#learnBody(selected, exchange.request, "request", url);
    if (response !== undefined) await this.#learnBody(selected, response, "response", url);
    return exchange;
  }

  /** Whether it has been looked at already. */
  knows(selected: Selected): boolean {
    return this.#learnt.has(keyOf(selected));
  }

  async #learnBody(
    selected: Selected,
    message: { readonly body: Body; readonly headers: RawHeaders },
    side: "request" | "response",
    url: string,
  ): Promise<void> {
    if (message.body.kind === "empty" || message.body.kind === "omitted") return;
    try {
      const { bytes } = await selected.content(message, { limit: LEARN_LIMIT });
      this.redaction?.learnContent(bytes, { headers: message.headers, side, url });
    } catch (error) {
      // A body that is missing is told of where it is to be shown.
      if (!(error instanceof TrafficError)) throw error;
    }
  }
}

/** One that is under way may give more away when it has ended. */
function keyOf({ source, facts, open }: Selected): string {
  return `${source.path} ${facts.id}${open ? " open" : ""}`;
}
