// What is known of the endpoints of a recording: statuses, durations and the shape of their JSON. One exchange at a time,
// in memory that is bounded by the number of endpoints.
import { isJsonType, parseMediaType } from "../../content/media-type.js";
import { decodeText } from "../../content/text.js";
import { TrafficError } from "../../errors.js";
import { endpointOf } from "../../exchange/endpoint.js";
import type { Exchange } from "../../exchange/exchange.js";
import type { ExchangeFacts } from "../../exchange/facts.js";
import { Shape } from "../../replay/compare/shape.js";
import type { Selected } from "../query.js";
import { Numbers } from "../statistics/numbers.js";
import type { EndpointSummary } from "./types.js";

/** An API has hundreds; more are names that no folding understands. */
const MOST_ENDPOINTS = 5_000;
/** Decoded bytes of a JSON body that are looked into. */
const MOST_JSON = 8 * 1024 * 1024;

export class EndpointProfile {
  readonly statuses = new Map<string, number>();
  readonly shapes = new Map<string, Shape>();
  readonly #durations = new Numbers();
  #exchanges = 0;

  add({ duration }: ExchangeFacts, status: string): void {
    this.#exchanges++;
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    if (duration !== null) this.#durations.push(duration);
  }

  shapeOf(status: string): Shape {
    const shape = this.shapes.get(status) ?? new Shape();
    this.shapes.set(status, shape);
    return shape;
  }

  get p50(): number | null {
    return this.#durations.spread()?.p50 ?? null;
  }

  summary(): EndpointSummary {
    const statuses = Object.fromEntries([...this.statuses].sort(([a], [b]) => (a < b ? -1 : 1)));
    return { exchanges: this.#exchanges, statuses, p50: this.p50 };
  }
}

export class RecordingProfile {
  /** By method and endpoint, a blank between them. */
  readonly endpoints = new Map<string, EndpointProfile>();
  exchanges = 0;
  unseenBodies = 0;
  beyond = 0;
  readonly #ignoreHost: boolean;

  constructor(ignoreHost: boolean) {
    this.#ignoreHost = ignoreHost;
  }

  async add(selected: Selected): Promise<void> {
    const { facts } = selected;
    this.exchanges++;
    const endpoint = this.#endpoint(facts);
    if (endpoint === undefined) {
      this.beyond++;
      return;
    }
    const status = facts.status === null ? (facts.error?.code ?? "none") : String(facts.status);
    endpoint.add(facts, status);
    if (facts.status === null || !isJsonType(parseMediaType(facts.responseType)) || facts.responseSize === 0)
      return;
    const text = await jsonOf(selected);
    if (text === undefined || !endpoint.shapeOf(status).add(text)) this.unseenBodies++;
  }

  #endpoint({ method, url }: ExchangeFacts): EndpointProfile | undefined {
    const folded = endpointOf(url);
    const place = this.#ignoreHost ? folded.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "") : folded;
    const key = `${method} ${place}`;
    const known = this.endpoints.get(key);
    if (known !== undefined || this.endpoints.size === MOST_ENDPOINTS) return known;
    const made = new EndpointProfile();
    this.endpoints.set(key, made);
    return made;
  }
}

/** @returns undefined where the body is not there as a whole, or is no text */
async function jsonOf(selected: Selected): Promise<string | undefined> {
  try {
    const exchange = await selected.exchange();
    if (!isWhole(exchange)) return undefined;
    const content = await selected.responseContent({ limit: MOST_JSON });
    if (content === null || content.limited === true || content.problem !== undefined) return undefined;
    return decodeText(content.bytes, selected.facts.responseType)?.text;
  } catch (error) {
    if (error instanceof TrafficError && error.code === "SESSION_DAMAGED") return undefined;
    throw error;
  }
}

function isWhole(exchange: Exchange): boolean {
  if (exchange.kind === "tunnel" || exchange.response === undefined) return false;
  const { body } = exchange.response;
  const stored = body.kind === "file" ? body.stored : 0;
  return body.kind !== "omitted" && body.truncated === undefined && stored <= MOST_JSON;
}
