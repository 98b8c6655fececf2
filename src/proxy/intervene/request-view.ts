// A request as an intervention sees it. What is not looked at costs nothing.
import type { ClientEndpoint, HttpVersion } from "../../exchange/exchange.js";
import { headerValue, type RawHeaders } from "../../exchange/headers.js";
import type { ExchangeId } from "../../exchange/id.js";
import type { FlowRequest } from "../exchange-flow/flow-services.js";
import type { InterventionHead } from "../intervention.js";

export class RequestView implements InterventionHead {
  readonly id: ExchangeId | undefined;
  readonly #request: FlowRequest;
  #headers: RawHeaders | undefined;

  constructor(request: FlowRequest, id: ExchangeId | undefined) {
    this.#request = request;
    this.id = id;
  }

  get method(): string {
    return this.#request.outgoing.method;
  }

  get url(): string {
    return this.#request.url;
  }

  get target(): string {
    return this.#request.outgoing.target;
  }

  get httpVersion(): HttpVersion {
    return this.#request.outgoing.httpVersion;
  }

  get headers(): RawHeaders {
    this.#headers ??= withHost(this.#request.outgoing);
    return this.#headers;
  }

  get upgrade(): string | undefined {
    const { headers, protocol } = this.#request.outgoing;
    return (protocol ?? headerValue(headers, "upgrade"))?.toLowerCase();
  }

  get client(): ClientEndpoint {
    return this.#request.client;
  }
}

/** HTTP/2's `:authority` as the field that it stands for. */
function withHost({ headers, authority }: { headers: RawHeaders; authority?: string }): RawHeaders {
  if (authority === undefined || headers.some(([name]) => name === "host")) return headers;
  return [["host", authority], ...headers];
}
