// What `validate` finds, and what a rule is.
import type { JsonObject } from "./repairs.js";

/** Whom a rule is for; one without any is HAR 1.2 itself, or good sense. */
export type Consumer = "chrome" | "firefox" | "playwright";

export const CONSUMERS: readonly Consumer[] = ["chrome", "firefox", "playwright"];

/** `error`: someone cannot read it, or reads something wrong. `warning`: something is lost or shown poorly. */
type Severity = "error" | "warning";

export interface Finding {
  /** Number of the entry, from 1; absent for the file and `log`. */
  readonly entry?: number;
  /** `response.content.size`; "" for the whole of it. */
  readonly path: string;
  readonly rule: string;
  readonly severity: Severity;
  /** What is wrong, a sentence. */
  readonly message: string;
  /** What to do about it, a sentence. */
  readonly fix: string;
}

export interface Fault {
  readonly path: string;
  readonly message: string;
}

/** One rule about an entry. Never throws, whatever the entry is. */
export interface EntryRule {
  readonly id: string;
  readonly consumers: readonly Consumer[];
  readonly severity: Severity;
  readonly fix: string;
  readonly check: (parts: EntryParts) => readonly Fault[];
}

/** An entry and its objects, empty where they are missing. */
export interface EntryParts {
  readonly entry: JsonObject;
  readonly request: JsonObject;
  readonly response: JsonObject;
  readonly content: JsonObject;
  readonly timings: JsonObject;
}
