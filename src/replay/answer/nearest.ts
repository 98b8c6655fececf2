// Of a request that nothing answers: which recorded one comes nearest, and which part of it differs.
import { type AnswerIndex, type Endpoint, type Wanted, WEBSOCKET } from "./answer-index.js";
import type { UrlParts } from "./url-parts.js";

export interface Near {
  readonly method: string;
  readonly url: string;
  /** A sentence without a full stop: `the query differs: page=2 came, page=1 was recorded`. */
  readonly differs: string;
}

/** Endpoints that are looked at, and at how many in one turn of the event loop: what else is answered does not wait. */
const MOST_LOOKED_AT = 20_000;
const AT_ONCE = 500;

/** @returns undefined where nothing comes near */
export async function nearestEndpoint(index: AnswerIndex, wanted: Wanted): Promise<Near | undefined> {
  const parts = index.parts(wanted);
  let best: Endpoint | undefined;
  let bestScore = 0;
  let looked = 0;
  for (const endpoint of index.endpoints()) {
    if (++looked > MOST_LOOKED_AT) break;
    if (looked % AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
    const score = scoreOf(endpoint.method, index.parts(endpoint), wanted, parts);
    if (score <= bestScore) continue;
    best = endpoint;
    bestScore = score;
  }
  if (best === undefined) return undefined;
  const differs = difference(best.method, index.parts(best), wanted, parts);
  return { method: shown(best.method), url: best.url, differs };
}

/** The path counts most, then the query, the host, the method. */
function scoreOf(method: string, recorded: UrlParts, wanted: Wanted, came: UrlParts): number {
  const path = recorded.path === came.path ? 8 : 6 * sharedSegments(recorded.path, came.path);
  const isHost = recorded.host === came.host;
  if (path === 0 && !isHost) return 0;
  const query = recorded.query.join("&") === came.query.join("&") ? 2 : 0;
  return path + query + (isHost ? 3 : 0) + (method === wanted.method ? 1 : 0);
}

/** From 0 to below 1. */
function sharedSegments(a: string, b: string): number {
  const [one, other] = [a.split("/"), b.split("/")];
  let shared = 0;
  for (const [at, segment] of one.entries()) if (segment !== "" && segment === other[at]) shared++;
  return shared / Math.max(one.length, other.length);
}

function difference(method: string, recorded: UrlParts, wanted: Wanted, came: UrlParts): string {
  if (recorded.path !== came.path) return differ("path", came.path, recorded.path);
  if (recorded.query.join("&") !== came.query.join("&")) {
    const [here, there] = [came.query, recorded.query];
    const added = here.filter((pair) => !there.includes(pair)).join("&");
    const missing = there.filter((pair) => !here.includes(pair)).join("&");
    return differ("query", added || "nothing", missing || "nothing");
  }
  if (method !== wanted.method) return differ("method", shown(wanted.method), shown(method));
  return differ("origin", came.origin, recorded.origin);
}

function differ(part: string, came: string, recorded: string): string {
  return `the ${part} differs: ${cut(came)} came, ${cut(recorded)} was recorded`;
}

function shown(method: string): string {
  return method === WEBSOCKET ? "GET (a WebSocket)" : method;
}

function cut(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
