// What is kept of a recorded request to tell how alike one is that comes: a kilobyte at most, whatever its size.
import type { RawHeaders } from "../../exchange/headers.js";
import type { Leaf } from "./body-leaves.js";
import { hasPlaceholder } from "./placeholders.js";
import { textHash } from "./text-hash.js";

/** Leaves of a recorded body by which one that differs is judged; equality takes all of them. */
const KEPT_LEAVES = 64;
const MODULUS = 2 ** 52;
/** Of the connection or the moment; the body's own are judged with it. */
const VOLATILE =
  /^(?:host|connection|keep-alive|proxy-.*|content-length|transfer-encoding|te|upgrade|date|x-amz-date|x-request-id|x-correlation-id|idempotency-key|traceparent|tracestate|sec-websocket-key)$/;

export interface RequestPrint {
  /** Of the body's leaves: how many, and their sum in whatever order. */
  readonly count: number;
  readonly sum: number;
  readonly someLeaves: Float64Array;
  /** Places where a secret stood: whatever a client has there is right. */
  readonly redacted: readonly string[];
  readonly headers: Float64Array;
}

/** A request that came, for as long as it is being matched. */
export interface CameRequest {
  readonly leaves: ReadonlyMap<string, number>;
  readonly hashes: ReadonlySet<number>;
  readonly headers: ReadonlySet<number>;
}

export function requestPrint(headers: RawHeaders, leaves: Iterable<Leaf>): RequestPrint {
  let count = 0;
  let sum = 0;
  const some: number[] = [];
  const redacted: string[] = [];
  for (const leaf of leaves) {
    if (hasPlaceholder(leaf.value)) {
      redacted.push(leaf.place);
      continue;
    }
    const hash = leafHash(leaf);
    count++;
    sum = (sum + hash) % MODULUS;
    if (some.length < KEPT_LEAVES) some.push(hash);
  }
  const marks = Float64Array.from(headerMarks(headers));
  return { count, sum, someLeaves: Float64Array.from(some), redacted, headers: marks };
}

export function cameRequest(headers: RawHeaders, leaves: Iterable<Leaf>): CameRequest {
  const places = new Map<string, number>();
  for (const leaf of leaves) places.set(leaf.place, leafHash(leaf));
  return { leaves: places, hashes: new Set(places.values()), headers: headerMarks(headers) };
}

/** @returns 1 for bodies that are equal, else below 1 how much of both is the same. */
export function bodyLikeness(came: CameRequest, print: RequestPrint): number {
  const hidden = new Set(print.redacted);
  let count = 0;
  let sum = 0;
  for (const [place, hash] of came.leaves) {
    if (hidden.has(place)) continue;
    count++;
    sum = (sum + hash) % MODULUS;
  }
  if (count === print.count && sum === print.sum) return 1;
  const shared = sharedOf(print.someLeaves, came.hashes);
  return Math.min(shared / Math.max(count + print.someLeaves.length - shared, 1), 0.999);
}

/** From 0 to 1. */
export function headerLikeness(came: CameRequest, print: RequestPrint): number {
  const shared = sharedOf(print.headers, came.headers);
  const all = came.headers.size + print.headers.length - shared;
  return all === 0 ? 1 : shared / all;
}

function headerMarks(headers: RawHeaders): Set<number> {
  const marks = new Set<number>();
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    // Of a secret that was replaced nothing can be told.
    if (!VOLATILE.test(lower) && !hasPlaceholder(value)) marks.add(textHash(lower, value));
  }
  return marks;
}

function leafHash({ place, value }: Leaf): number {
  return textHash(place, value);
}

function sharedOf(kept: Float64Array, came: ReadonlySet<number>): number {
  let shared = 0;
  for (const hash of kept) if (came.has(hash)) shared++;
  return shared;
}
