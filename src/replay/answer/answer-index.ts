// Finds the recorded exchanges of a method and URL. In memory are URLs and numbers, about 200 bytes an exchange; everything
// else stays on the disk.
import { hasPlaceholder, matchesRedacted } from "./placeholders.js";
import type { RecordedFacts } from "./recorded.js";
import { textHash } from "./text-hash.js";
import { type UrlParts, urlParts } from "./url-parts.js";

/** Exchanges of one method and URL. */
export interface Endpoint {
  /** As recorded; `WEBSOCKET` for the handshake of one. */
  readonly method: string;
  /** Of the first of them, as recorded. */
  readonly url: string;
  /** In the order of recording. */
  readonly numbers: number[];
}

/** A request as far as the index is asked. */
export interface Wanted {
  readonly method: string;
  readonly url: string;
  /** The host is where it came to, not what was meant: it only decides between several. */
  readonly anyHost: boolean;
}

export const WEBSOCKET = "WEBSOCKET";

export class AnswerIndex {
  readonly #ignored: ReadonlySet<string>;
  /** By a hash of method, path and query: those of other requests that it holds are told apart when it is asked. */
  readonly #exact = new Map<number, Endpoint | Endpoint[]>();
  /** Those whose URL had a secret in its path or query: looked at one after the other, by method. They are in `exact` too. */
  readonly #redacted = new Map<string, Endpoint[]>();
  readonly #origins = new Set<string>();
  #exchanges = 0;

  /** @param ignoredQuery names of parameters of the query that do not count */
  constructor(ignoredQuery: readonly string[] = []) {
    this.#ignored = new Set(ignoredQuery);
  }

  get exchanges(): number {
    return this.#exchanges;
  }

  /** Every origin that something was recorded of. */
  get origins(): ReadonlySet<string> {
    return this.#origins;
  }

  add(facts: RecordedFacts): void {
    const number = this.#exchanges++;
    const parts = this.parts(facts);
    const method = facts.webSocket ? WEBSOCKET : facts.method;
    this.#origins.add(parts.origin);
    const isRedacted = hasPlaceholder(parts.path) || parts.query.some(hasPlaceholder);
    const known = this.#at(method, parts);
    const same = known.find((each) => each.method === method && isSameUrl(this.parts(each), parts, true));
    if (same !== undefined) {
      same.numbers.push(number);
      return;
    }
    const endpoint = { method, url: facts.url, numbers: [number] };
    this.#exact.set(hashOf(method, parts), known.length === 0 ? endpoint : [...known, endpoint]);
    if (!isRedacted) return;
    const redacted = this.#redacted.get(method);
    if (redacted === undefined) this.#redacted.set(method, [endpoint]);
    else redacted.push(endpoint);
  }

  /** @returns the endpoints that it may mean: of one origin, unless any host will do and none has the one it names. */
  find(wanted: Wanted): readonly Endpoint[] {
    const { method } = wanted;
    const parts = this.parts(wanted);
    const exact = this.#at(method, parts).filter(
      (each) => each.method === method && isSameUrl(this.parts(each), parts, false),
    );
    const found = this.#ofHost(exact, wanted, parts);
    if (found.length > 0) return found;
    const redacted = (this.#redacted.get(method) ?? []).filter((each) => meansUrl(this.parts(each), parts));
    return this.#ofHost(redacted, wanted, parts);
  }

  parts({ url }: { readonly url: string }): UrlParts {
    return urlParts(url, this.#ignored);
  }

  *endpoints(): Generator<Endpoint, void, void> {
    for (const each of this.#exact.values()) {
      if (Array.isArray(each)) yield* each;
      else yield each;
    }
  }

  #at(method: string, parts: UrlParts): readonly Endpoint[] {
    const found = this.#exact.get(hashOf(method, parts));
    return found === undefined ? [] : [found].flat();
  }

  #ofHost(endpoints: readonly Endpoint[], { anyHost }: Wanted, parts: UrlParts): readonly Endpoint[] {
    if (!anyHost) return endpoints.filter((each) => this.parts(each).origin === parts.origin);
    const same = endpoints.filter((each) => this.parts(each).host === parts.host);
    return same.length > 0 ? same : endpoints;
  }
}

/** 32 bits, which a Map holds without more memory. */
function hashOf(method: string, { path, query }: UrlParts): number {
  return textHash(method, path, ...query) | 0;
}

function isSameUrl(a: UrlParts, b: UrlParts, withOrigin: boolean): boolean {
  if (withOrigin && a.origin !== b.origin) return false;
  return a.path === b.path && a.query.join("&") === b.query.join("&");
}

/** @param recorded parts with placeholders of secrets */
function meansUrl(recorded: UrlParts, wanted: UrlParts): boolean {
  return (
    recorded.query.length === wanted.query.length &&
    matchesRedacted(recorded.path, wanted.path) &&
    recorded.query.every((pair, at) => matchesRedacted(pair, wanted.query[at]!))
  );
}
