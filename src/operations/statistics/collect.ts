// Counts what passed, from the facts of each exchange, one after the other. Memory grows by some tens of bytes an
// exchange and by the number of different hosts, types and endpoints, which is bounded.
import { endpointOf } from "../../exchange/endpoint.js";
import type { ExchangeFacts } from "../../exchange/facts.js";
import { hostOf } from "../../exchange/url.js";
import { Numbers, type Spread } from "./numbers.js";
import { type Timeline, timelineOf } from "./timeline.js";

/** Exchanges that share a host, a method, a status, a type or an endpoint. */
export interface StatisticsGroup {
  readonly key: string;
  readonly exchanges: number;
  /** Without a response, or with a status of 400 or more. */
  readonly errors: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Milliseconds, of those that have ended. */
  readonly durations: Spread | null;
}

export interface Statistics {
  readonly exchanges: number;
  /** Without a response. */
  readonly failed: number;
  /** Under way when the session was read. */
  readonly open: number;
  /** Start of the first and of the last, ISO 8601. */
  readonly from: string | null;
  readonly to: string | null;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly webSocketMessages: number;
  readonly durations: Spread | null;
  readonly methods: readonly StatisticsGroup[];
  readonly statuses: readonly StatisticsGroup[];
  readonly types: readonly StatisticsGroup[];
  readonly hosts: readonly StatisticsGroup[];
  readonly endpoints: readonly StatisticsGroup[];
  readonly errors: readonly { readonly code: string; readonly exchanges: number; readonly example: string }[];
  readonly slowest: readonly SlowExchange[];
  readonly timeline: Timeline | null;
}

export interface SlowExchange {
  readonly id: string;
  readonly seq: number;
  readonly method: string;
  readonly url: string;
  readonly status: number | null;
  readonly duration: number;
}

const MAX_GROUPS = 10_000;
const OTHERS = "(others)";
const SLOWEST = 10;

export class StatisticsCollector {
  readonly #starts = new Numbers();
  readonly #failures = new Numbers();
  readonly #all = new Group("");
  readonly #methods = new Groups();
  readonly #statuses = new Groups();
  readonly #types = new Groups();
  readonly #hosts = new Groups();
  readonly #endpoints = new Groups();
  readonly #errors = new Map<string, { exchanges: number; example: string }>();
  #slowest: SlowExchange[] = [];
  #failed = 0;
  #open = 0;
  #messages = 0;

  add(facts: ExchangeFacts): void {
    const isFailed = facts.error !== null && facts.status === null;
    const isError = isFailed || (facts.status !== null && facts.status >= 400);
    this.#starts.push(facts.startedAt);
    this.#failures.push(isError ? 1 : 0);
    this.#all.add(facts, isError);
    this.#methods.of(facts.method).add(facts, isError);
    this.#statuses.of(statusKey(facts)).add(facts, isError);
    this.#types.of(typeKey(facts)).add(facts, isError);
    this.#hosts.of(hostOf(facts.url)).add(facts, isError);
    this.#endpoints.of(`${facts.method} ${endpointOf(facts.url)}`).add(facts, isError);
    if (isFailed) this.#failed++;
    if (facts.duration === null) this.#open++;
    this.#messages += facts.messages;
    if (facts.error !== null) this.#noteError(facts.error);
    if (facts.duration !== null && facts.kind === "http") this.#noteSlow(facts, facts.duration);
  }

  result(): Statistics {
    const all = this.#all.result();
    const starts = this.#starts.values();
    const at = (pick: (a: number, b: number) => number): string | null =>
      starts.length === 0 ? null : new Date(starts.reduce(pick)).toISOString();
    return {
      exchanges: all.exchanges,
      failed: this.#failed,
      open: this.#open,
      from: at((a, b) => Math.min(a, b)),
      to: at((a, b) => Math.max(a, b)),
      requestBytes: all.requestBytes,
      responseBytes: all.responseBytes,
      webSocketMessages: this.#messages,
      durations: all.durations,
      methods: this.#methods.result(),
      statuses: this.#statuses.result(),
      types: this.#types.result(),
      hosts: this.#hosts.result(),
      endpoints: this.#endpoints.result(),
      errors: [...this.#errors]
        .map(([code, error]) => ({ code, ...error }))
        .sort((a, b) => b.exchanges - a.exchanges),
      slowest: this.#slowest,
      timeline: timelineOf(this.#starts, this.#failures),
    };
  }

  #noteError(error: { code: string; message: string }): void {
    const known = this.#errors.get(error.code);
    if (known === undefined) this.#errors.set(error.code, { exchanges: 1, example: error.message });
    else known.exchanges++;
  }

  #noteSlow({ id, seq, method, url, status }: ExchangeFacts, duration: number): void {
    const slowest = this.#slowest;
    if (slowest.length === SLOWEST && duration <= slowest[SLOWEST - 1]!.duration) return;
    slowest.push({ id, seq, method, url, status, duration });
    slowest.sort((a, b) => b.duration - a.duration);
    this.#slowest = slowest.slice(0, SLOWEST);
  }
}

function statusKey({ kind, status, error }: ExchangeFacts): string {
  if (status !== null) return String(status);
  if (error !== null) return "error";
  return kind === "tunnel" ? "tunnel" : "none";
}

function typeKey({ kind, responseType, status }: ExchangeFacts): string {
  if (kind !== "http") return kind;
  const type = responseType.split(";", 1)[0]!.trim().toLowerCase();
  return type === "" ? (status === null ? "(no response)" : "(none)") : type;
}

class Groups {
  readonly #groups = new Map<string, Group>();

  of(key: string): Group {
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    // What a client makes up (hosts, paths) may be without end.
    if (this.#groups.size >= MAX_GROUPS && key !== OTHERS) return this.of(OTHERS);
    const group = new Group(key);
    this.#groups.set(key, group);
    return group;
  }

  /** The most used first. */
  result(): StatisticsGroup[] {
    return [...this.#groups.values()]
      .map((group) => group.result())
      .sort((a, b) => b.exchanges - a.exchanges || (a.key < b.key ? -1 : 1));
  }
}

class Group {
  readonly #key: string;
  readonly #durations = new Numbers();
  #exchanges = 0;
  #errors = 0;
  #requestBytes = 0;
  #responseBytes = 0;

  constructor(key: string) {
    this.#key = key;
  }

  add({ duration, requestSize, responseSize }: ExchangeFacts, isError: boolean): void {
    this.#exchanges++;
    if (isError) this.#errors++;
    this.#requestBytes += requestSize;
    this.#responseBytes += responseSize;
    if (duration !== null) this.#durations.push(duration);
  }

  result(): StatisticsGroup {
    return {
      key: this.#key,
      exchanges: this.#exchanges,
      errors: this.#errors,
      requestBytes: this.#requestBytes,
      responseBytes: this.#responseBytes,
      durations: this.#durations.spread(),
    };
  }
}
