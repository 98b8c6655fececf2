// Chooses which recorded exchange answers a request: of those with its method and URL the one whose body and headers are
// the most alike; of equal ones each in turn, as they were recorded.
import { decodeContent } from "../../content/decode.js";
import { headerValue, type RawHeaders } from "../../exchange/headers.js";
import { hasCoding } from "../../session/index/body-flags.js";
import type { PointerTest } from "../compare/pointers.js";
import type { Endpoint } from "./answer-index.js";
import { COMPARED_BYTES, leavesOf } from "./body-leaves.js";
import type { AnswerSource } from "./recorded.js";
import {
  bodyLikeness,
  type CameRequest,
  cameRequest,
  headerLikeness,
  type RequestPrint,
  requestPrint,
} from "./request-print.js";

export interface ClosestOptions {
  /** Places of bodies that do not count. */
  readonly ignoreBody: PointerTest;
  /** A body that is not equal is a miss. */
  readonly matchBody: boolean;
  /** Each exchange answers once. */
  readonly once: boolean;
}

/** A request that came, with the endpoints that it may mean. */
export interface Asked {
  readonly headers: RawHeaders;
  /** As on the wire; undefined where it was too large to be held. */
  readonly body: Buffer | undefined;
}

export type Choice =
  | { readonly kind: "answer"; readonly number: number }
  /** `nearest` is the exchange whose body is the most alike. */
  | { readonly kind: "body"; readonly nearest: number }
  /** `nearest` has answered already, and may only once. */
  | { readonly kind: "used"; readonly nearest: number };

export class Closest {
  readonly #source: AnswerSource;
  readonly #options: ClosestOptions;
  readonly #prints = new Map<Endpoint, Promise<readonly RequestPrint[]>>();
  readonly #used = new Set<number>();

  constructor(source: AnswerSource, options: ClosestOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** @param endpoints at least one. @throws SESSION_DAMAGED */
  async choose(endpoints: readonly Endpoint[], asked: Asked): Promise<Choice> {
    const [first, ...others] = endpoints;
    const only = others.length === 0 && first!.numbers.length === 1 ? first!.numbers[0] : undefined;
    if (only !== undefined && !this.#options.matchBody) return this.#inTurn([only]);
    const came = await this.#came(asked);
    let best: number[] = [];
    let bestBody = -1;
    let bestHeaders = -1;
    for (const endpoint of endpoints) {
      const prints = await this.#printsOf(endpoint);
      for (const [at, number] of endpoint.numbers.entries()) {
        const print = prints[at]!;
        const body = asked.body === undefined ? 1 : bodyLikeness(came, print);
        const headers = headerLikeness(came, print);
        if (body < bestBody || (body === bestBody && headers < bestHeaders)) continue;
        if (body > bestBody || headers > bestHeaders) best = [];
        bestBody = body;
        bestHeaders = headers;
        best.push(number);
      }
    }
    if (this.#options.matchBody && bestBody < 1) return { kind: "body", nearest: best[0]! };
    return this.#inTurn(best.sort((a, b) => a - b));
  }

  #inTurn(numbers: readonly number[]): Choice {
    const last = numbers.at(-1)!;
    const unused = numbers.find((number) => !this.#used.has(number));
    if (unused === undefined && this.#options.once) return { kind: "used", nearest: last };
    const number = unused ?? last;
    this.#used.add(number);
    return { kind: "answer", number };
  }

  async #came({ headers, body = Buffer.alloc(0) }: Asked): Promise<CameRequest> {
    const { bytes } = await decodeContent(body, headers, { limit: COMPARED_BYTES });
    return cameRequest(headers, leavesOf(bytes, typeOf(headers), this.#options.ignoreBody));
  }

  /** Read once, when an endpoint is asked for the first time. */
  #printsOf(endpoint: Endpoint): Promise<readonly RequestPrint[]> {
    const known = this.#prints.get(endpoint);
    if (known !== undefined) return known;
    const reading = this.#readPrints(endpoint.numbers);
    this.#prints.set(endpoint, reading);
    // What could not be read now may be readable later.
    reading.catch(() => this.#prints.delete(endpoint));
    return reading;
  }

  async #readPrints(numbers: readonly number[]): Promise<RequestPrint[]> {
    const prints: RequestPrint[] = [];
    for (const number of numbers) {
      const recorded = await this.#source.load(number);
      const { body, headers } = recorded.exchange.request;
      const stored = await recorded.storedBody(body, COMPARED_BYTES);
      const coded = hasCoding(body, headers) ? headers : [];
      const { bytes } = await decodeContent(stored, coded, { limit: COMPARED_BYTES });
      prints.push(requestPrint(headers, leavesOf(bytes, typeOf(headers), this.#options.ignoreBody)));
    }
    return prints;
  }
}

function typeOf(headers: RawHeaders): string {
  return headerValue(headers, "content-type") ?? "";
}
