// What an entry of another tool needed so that it could be read: each repair with its place, or in strict mode the
// first as an error.
import { TrafficError } from "../errors.js";
import type { LongTexts } from "./long-texts.js";

export interface Repair {
  /** Number of the entry in its file, from 1. */
  readonly entry: number;
  /** Within the entry: `response.content.size`. */
  readonly path: string;
  /** A sentence: what was wrong and what was made of it. */
  readonly what: string;
}

/** A JSON object, not yet looked at. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A number, or the number that a text spells; NaN for anything else. (An object of JSON may have a `valueOf`.) */
export function asNumber(value: unknown): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
}

/** What a value is, for a sentence. */
export function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** Reads the fields of one entry and notes what it had to mend. */
export class FieldReader {
  readonly repairs: Repair[] = [];
  readonly #entry: number;
  readonly #strict: boolean;

  /** Texts that are not held. */
  readonly texts: LongTexts;

  constructor(entry: number, strict: boolean, texts: LongTexts) {
    this.texts = texts;
    this.#entry = entry;
    this.#strict = strict;
  }

  /** @throws HAR_INVALID in strict mode. */
  note(path: string, what: string): void {
    if (this.#strict) {
      throw new TrafficError("HAR_INVALID", `entry ${this.#entry}, ${path}: ${what}`, {
        hint: "--lenient reads what can be read and says what it repaired",
      });
    }
    this.repairs.push({ entry: this.#entry, path, what });
  }

  object(from: JsonObject, key: string, path: string): JsonObject {
    const value = from[key];
    const object = asObject(value);
    if (object === undefined) this.note(join(path, key), `is ${kindOf(value)}, not an object`);
    return object ?? {};
  }

  /** @returns `otherwise` for what is no text. A number is taken as its digits. */
  text(from: JsonObject, key: string, path: string, otherwise: string): string {
    const value = from[key];
    if (typeof value === "string") return value;
    const made = typeof value === "number" ? String(value) : otherwise;
    this.note(join(path, key), `is ${kindOf(value)}, not text; taken as ${JSON.stringify(made)}`);
    return made;
  }

  /** @returns a finite number, or `otherwise`. A text of digits is taken as the number. */
  number(from: JsonObject, key: string, path: string, otherwise: number): number {
    const value = from[key];
    if (typeof value === "number" && Number.isFinite(value)) return value;
    const read = asNumber(value);
    const made = Number.isFinite(read) ? read : otherwise;
    this.note(join(path, key), `is ${kindOf(value)}, not a number; taken as ${made}`);
    return made;
  }

  /** Bytes: an integer of at least -1, which stands for unknown. */
  size(from: JsonObject, key: string, path: string): number {
    const value = this.number(from, key, path, -1);
    const size = Math.max(Math.round(value), -1);
    return Number.isSafeInteger(size) ? size : -1;
  }

  list(from: JsonObject, key: string, path: string): readonly unknown[] {
    const value = from[key];
    if (Array.isArray(value)) return value;
    this.note(join(path, key), `is ${kindOf(value)}, not a list; taken as empty`);
    return [];
  }
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
