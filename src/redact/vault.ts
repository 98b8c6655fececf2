// The secrets of one export: their placeholders, and the index by which each is found wherever else it stands.
import { createHash } from "node:crypto";
import { copyOf } from "./copy-of.js";
import { formsOf } from "./encodings.js";
import type { Grade } from "./names.js";
import { PATTERN_MINIMUM, SecretIndex } from "./secret-index.js";
import { worthLearning } from "./values.js";

/** What the index holds at most: about 150 MB with all its forms. What comes later is replaced in its own place only. */
const PATTERN_LIMIT = 400_000;
/** Secrets below this length must stand as a word of their own to be replaced elsewhere. */
const BOUNDED_BELOW = 12;
const LONG = 64;

export class Vault {
  readonly #numbers = new Map<string, number>();
  readonly #learned = new Set<string>();
  readonly index = new SecretIndex();
  readonly #keeps: (value: string) => boolean;
  #forgone = 0;

  /** @param keeps values that the policy never replaces */
  constructor(keeps: (value: string) => boolean) {
    this.#keeps = keeps;
  }

  /** Whether the policy leaves this value as it is. */
  keeps(value: string): boolean {
    return this.#keeps(value);
  }

  /** Number of different secrets seen. */
  get distinct(): number {
    return this.#numbers.size;
  }

  /** Secrets that the full index did not take up. */
  get forgone(): number {
    return this.#forgone;
  }

  /** `REDACTED-3`: the same for equal secrets, numbered in the order in which they were first seen. */
  placeholder(secret: string): string {
    const key = keyOf(secret);
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#numbers.size + 1;
      this.#numbers.set(copyOf(key), number);
    }
    return `REDACTED-${number}`;
  }

  /** Makes a secret be found everywhere from now on, when it is long and rare enough for that. */
  learn(secret: string, grade: Grade | "cookie" | "shape"): void {
    const value = secret.trim();
    if (!worthLearning(value, grade) || this.#keeps(value)) return;
    const key = keyOf(value);
    if (this.#learned.has(key)) return;
    if (this.index.size >= PATTERN_LIMIT) {
      this.#forgone++;
      return;
    }
    const own = copyOf(value);
    this.#learned.add(own.length <= LONG ? own : key);
    const bounded = value.length < BOUNDED_BELOW;
    for (const { text, fit } of formsOf(own)) {
      if (text.length < PATTERN_MINIMUM) continue;
      this.index.add({ text, secret: own, fit, bounded: bounded && text === own });
    }
  }
}

function keyOf(secret: string): string {
  return secret.length <= LONG ? secret : digest(secret);
}

function digest(secret: string): string {
  return `sha256:${createHash("sha256").update(secret).digest("base64")}`;
}
