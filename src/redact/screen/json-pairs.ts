// Names and values that stand apart in JSON: `{"name": "X-Api-Key", "value": "..."}`, `["X-Api-Key", "..."]`. Whether a
// walk over bytes (json.ts) meets one that may hold a secret.
import { ByteMemo } from "../byte-memo.js";
import { PAIR_NAMES, PAIR_VALUES } from "../find-json.js";
import { decodeJson } from "../json-escapes.js";
import { looksRandom } from "../values.js";
import type { Screened } from "./probe.js";

/** What a member is by its name. */
type Role = "name" | "value" | "neither";

export function roleOf(name: string): Role {
  return PAIR_NAMES.has(name) ? "name" : PAIR_VALUES.has(name) ? "value" : "neither";
}

export const ROLES = new ByteMemo(roleOf);
const COOKIES = new ByteMemo((name) => /^(?:set-)?cookie$/i.test(name));

/** Longer strings are no names in an object, in a list; a character has up to three bytes. */
const NAME_LIMIT = 100;
const LISTED_LIMIT = 32;
/** Of an object so many names wait to be judged until a value shows. */
const WAITING = 4;

const NO_NAME = 0;
const TELLS = 1;
const IS_COOKIE = 2;

/** What one container has shown so far. */
export class Pairs {
  #before = NO_NAME;
  #hasValue = false;
  #hasName = false;
  #waiting = 0;
  readonly #places = new Int32Array(2 * WAITING);

  constructor(readonly screened: Screened) {}

  clear(): void {
    this.#before = NO_NAME;
    this.#hasValue = false;
    this.#hasName = false;
    this.#waiting = 0;
  }

  /** A member of an object with the string at this place. @returns whether it may be part of a pair. */
  member(role: Role, start: number, end: number): boolean {
    if (role === "neither") return false;
    if (role === "value") this.#hasValue = true;
    else if (end - start < 3 * NAME_LIMIT) {
      // Ids and names of things are each another one: judging them takes time, and few objects have a value as well.
      if (this.#waiting === WAITING) this.#judge();
      this.#places[2 * this.#waiting] = start;
      this.#places[2 * this.#waiting + 1] = end;
      this.#waiting++;
    }
    if (this.#hasValue) this.#judge();
    return this.#hasValue && this.#hasName;
  }

  #judge(): void {
    for (let at = 0; at < this.#waiting; at++)
      if (this.#tells(this.#places[2 * at]!, this.#places[2 * at + 1]!) !== NO_NAME) this.#hasName = true;
    this.#waiting = 0;
  }

  /** A string in a list. @returns whether it may be the value to the name before it. */
  item(start: number, end: number): boolean {
    const before = this.#before;
    const { bytes } = this.screened;
    this.#before = isLongerThanNames(bytes, start, end) ? NO_NAME : this.#tells(start, end);
    // A cookie is one whatever it looks like.
    if (before === IS_COOKIE) return true;
    return before === TELLS && looksRandom(decodeJson(bytes.toString("utf8", start, end)));
  }

  /** Whether a string, taken as a name, says something. */
  #tells(start: number, end: number): number {
    const { bytes, work } = this.screened;
    if (COOKIES.at(bytes, start, end)) return IS_COOKIE;
    return work.names.inBytes(bytes, start, end) === "none" ? NO_NAME : TELLS;
  }
}

function isLongerThanNames(bytes: Buffer, start: number, end: number): boolean {
  const length = end - start;
  if (length <= LISTED_LIMIT || length > 3 * LISTED_LIMIT) return length > LISTED_LIMIT;
  for (let at = start; at < end; at++) if (bytes[at]! >= 128) return false;
  return true;
}
