// One request and what answers it: a recorded response, a recorded WebSocket, or what a miss becomes.
import { decodeContent } from "../../content/decode.js";
import { headerValue, type RawHeaders } from "../../exchange/headers.js";
import type {
  InterventionHead,
  InterventionMessage,
  RequestContinue,
  RequestOutcome,
} from "../../proxy/intervention.js";
import { hasCoding } from "../../session/index/body-flags.js";
import type { AnswerIndex, Endpoint, Wanted } from "./answer-index.js";
import { headAfter } from "./body-cuts.js";
import { bodyDifference } from "./body-difference.js";
import { COMPARED_BYTES, type Leaf, leavesOf } from "./body-leaves.js";
import { type Choice, Closest, type ClosestOptions } from "./closest.js";
import { type Miss, type MissMode, missAnswer } from "./miss.js";
import { type Near, nearestEndpoint } from "./nearest.js";
import { type Pace, pause } from "./pace.js";
import type { AnswerSource, Recorded } from "./recorded.js";
import { recordedAnswer, responseOf } from "./recorded-answer.js";

export interface AnswerOptions extends ClosestOptions {
  readonly ignoreHost: boolean;
  readonly miss: MissMode;
  readonly pace: Pace;
  /** Before the head: as long as the origin took, or so many milliseconds. */
  readonly delay: Pace;
  /** Whether a URL is that of this server itself: it says nothing of the origin that is meant. */
  isHere(url: string): boolean;
}

/** A request that was answered. */
export interface Hit {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  /** Of the exchange that answered: its number in its session. */
  readonly seq: number;
}

export interface AnswerServices {
  readonly source: AnswerSource;
  /** Plays a recorded WebSocket. @returns the URL that the handshake is to go to */
  play(recorded: Recorded): Promise<string>;
  onHit(hit: Hit): void;
  onMiss(miss: Miss): void;
}

export interface AskedExchange {
  readonly wanted: Wanted;
  readonly endpoints: readonly Endpoint[];
  readonly isHere: boolean;
  readonly message: InterventionMessage<InterventionHead>;
  /** Aborted when the exchange is over. */
  readonly signal: AbortSignal;
}

interface Made {
  readonly outcome: RequestOutcome;
  /** It is to be recorded: it went on. */
  readonly isRecorded: boolean;
}

export class AnswerMaker {
  readonly #index: AnswerIndex;
  readonly #options: AnswerOptions;
  readonly #services: AnswerServices;
  readonly #closest: Closest;

  constructor(index: AnswerIndex, options: AnswerOptions, services: AnswerServices) {
    this.#index = index;
    this.#options = options;
    this.#services = services;
    this.#closest = new Closest(services.source, options);
  }

  /** @throws SESSION_DAMAGED */
  async answer(asked: AskedExchange): Promise<Made> {
    const { endpoints, message, wanted } = asked;
    if (endpoints.length === 0)
      return this.#missed(asked, (await nearestEndpoint(this.#index, wanted)) ?? null);
    const { headers } = message.head;
    const choice = await this.#closest.choose(endpoints, { headers, body: message.body });
    if (choice.kind !== "answer") return this.#missed(asked, await this.#near(asked, choice));
    const recorded = await this.#services.source.load(choice.number);
    return { outcome: await this.#recorded(recorded, asked), isRecorded: false };
  }

  async #recorded(recorded: Recorded, { message, signal }: AskedExchange): Promise<RequestOutcome> {
    const { exchange } = recorded;
    const response = responseOf(exchange);
    if (response === undefined) throw new Error(`exchange ${exchange.id} has no response`);
    const { delay, pace } = this.#options;
    await pause(delay === "recorded" ? headAfter(exchange) : delay === "none" ? 0 : delay, signal);
    const { method, url } = message.head;
    this.#services.onHit({ method, url, status: response.status, seq: exchange.seq });
    if (exchange.kind === "websocket") return { kind: "continue", url: await this.#services.play(recorded) };
    return await recordedAnswer(recorded, response, { method, pace, signal });
  }

  #missed({ message, isHere }: AskedExchange, nearest: Near | null): Made {
    const { method, url } = message.head;
    const { miss } = this.#options;
    const known = { method, url, nearest };
    const to = miss === "pass" || miss === "record" ? this.#passTo(message.head, isHere) : undefined;
    if (to === undefined) {
      this.#services.onMiss(known);
      return { outcome: missAnswer(known, miss === "404" ? 404 : 502), isRecorded: false };
    }
    this.#services.onMiss({ ...known, passedTo: originOf(to.url ?? url) });
    return { outcome: to, isRecorded: miss === "record" };
  }

  /** Who talks to the port as to a server means the origin that was recorded, where that is one. */
  #passTo({ url, headers }: InterventionHead, isHere: boolean): RequestContinue | undefined {
    if (!isHere) return { kind: "continue" };
    const [only, ...others] = this.#index.origins;
    if (only === undefined || others.length > 0) return undefined;
    const host = only.slice(only.indexOf("//") + 2);
    return {
      kind: "continue",
      url: `${only}${url.slice(originOf(url).length)}`,
      headers: headers.map(([name, value]) => [name, name.toLowerCase() === "host" ? host : value]),
    };
  }

  async #near(asked: AskedExchange, choice: Exclude<Choice, { kind: "answer" }>): Promise<Near> {
    const recorded = await this.#services.source.load(choice.nearest);
    const { request } = recorded.exchange;
    const { method, url } = request;
    if (choice.kind === "used") return { method, url, differs: "it has answered already (--once)" };
    const { head, body = Buffer.alloc(0) } = asked.message;
    const came = await this.#leaves(body, head.headers, true);
    const stored = await recorded.storedBody(request.body, COMPARED_BYTES);
    const there = await this.#leaves(stored, request.headers, hasCoding(request.body, request.headers));
    return { method, url, differs: bodyDifference(came, there) ?? "the body differs" };
  }

  async #leaves(body: Buffer, headers: RawHeaders, coded: boolean): Promise<Iterable<Leaf>> {
    const { bytes } = await decodeContent(body, coded ? headers : [], { limit: COMPARED_BYTES });
    return leavesOf(bytes, headerValue(headers, "content-type") ?? "", this.#options.ignoreBody);
  }
}

function originOf(url: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(url)?.[0] ?? "";
}
