// What templates and actions may ask of the exchange that they act on: its request as the client sent it, the time,
// chance. All of it is given, so that a test and a trial run know what comes out.
import { randomInt, randomUUID } from "node:crypto";
import type { RawHeaders } from "../exchange/headers.js";

export interface Values {
  readonly method: string;
  /** As the client sent it. */
  readonly url: string;
  readonly headers: RawHeaders;
  /** The request's body as text; undefined where it has none, was not held, or is no text. */
  readonly text: string | undefined;
  readonly now: Date;
  readonly chance: Chance;
  /** The next number of a counter: 1 at first. */
  count(name: string): number;
}

/** Where the numbers of chance come from. */
export interface Chance {
  /** From 0 up to 1, without 1. */
  fraction(): number;
  /** From min to max, both included. */
  integer(min: number, max: number): number;
  uuid(): string;
}

export const REAL_CHANCE: Chance = {
  fraction: Math.random,
  integer: (min, max) => randomInt(min, max + 1),
  uuid: randomUUID,
};
