// Branded identifiers, and the sortable one that exchanges carry.
import { randomFillSync } from "node:crypto";

declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** 26 characters of Crockford base 32: 48 bits of milliseconds, 80 random bits. Sorts by start (ULID). */
export type ExchangeId = Branded<string, "ExchangeId">;
/** The name of a session's folder: 1 to 128 of letters, digits, `.`, `_`, `-`, not starting with a dot. */
export type SessionId = Branded<string, "SessionId">;
/** Numbers a connection to an origin within one recording. */
export type ConnectionId = Branded<number, "ConnectionId">;

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const RANDOM_CHARACTERS = 16;
const IDS_PER_DRAW = 256;

/** Makes ids that sort by time, and in the order of the calls within one millisecond (ULID's monotonic rule). */
export function createExchangeIds(): (epochMs: number) => ExchangeId {
  const pool = new Uint8Array(RANDOM_CHARACTERS * IDS_PER_DRAW);
  let drawn = pool.length;
  let random = pool.subarray(0, RANDOM_CHARACTERS);
  let lastTime = -1;
  let timePart = "";
  return (epochMs) => {
    const time = Math.max(Math.floor(epochMs), lastTime);
    if (time === lastTime) increment(random);
    else {
      lastTime = time;
      timePart = encodeTime(time);
      if (drawn === pool.length) {
        // A draw costs a microsecond, however much it gives.
        randomFillSync(pool);
        drawn = 0;
      }
      random = pool.subarray(drawn, drawn + RANDOM_CHARACTERS);
      drawn += RANDOM_CHARACTERS;
      // The top bit stays clear so that increments within a millisecond never overflow.
      for (let i = 0; i < RANDOM_CHARACTERS; i++) random[i] = random[i]! & (i === 0 ? 15 : 31);
    }
    let id = timePart;
    for (let i = 0; i < RANDOM_CHARACTERS; i++) id += ALPHABET[random[i]!]!;
    return id as ExchangeId;
  };
}

export function isSessionId(text: string): text is SessionId {
  return /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/.test(text);
}

function increment(digits: Uint8Array): void {
  for (let i = digits.length - 1; i >= 0; i--) {
    if (digits[i]! < 31) {
      digits[i]!++;
      return;
    }
    digits[i] = 0;
  }
}

function encodeTime(time: number): string {
  let text = "";
  for (let rest = time, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) text = ALPHABET[rest % 32]! + text;
  return text;
}
