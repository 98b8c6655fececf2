// What the first pass of an export found in each body, so that the second need not look for it again, and equal bodies
// are looked at once. Kept for as many bodies as a bound on memory allows: another one is simply looked at again.
import { hash } from "node:crypto";
import { copyOf } from "./copy-of.js";
import type { Finding } from "./scan.js";
import type { Layers } from "./screen/layers.js";
import type { ContentInfo } from "./work.js";

/** About 60 bytes each. */
const MOST_BODIES = 500_000;
const MOST_TYPES = 1000;
/** Characters of secrets and texts, with what a finding takes besides. */
const FINDINGS_LIMIT = 24 * 1024 * 1024;
const FINDING_OVERHEAD = 120;

/** What stands in a body whatever is a secret elsewhere. */
export interface Outcome {
  readonly findings: readonly Finding[];
  /** Where texts stood encoded within it that hold nothing either: what is a secret elsewhere may stand there too. */
  readonly layers?: Layers;
}

export class Outcomes {
  /** By the layers that they have. */
  readonly #clean = new Map<string, Outcome>();
  readonly #found = new Map<string, Outcome>();
  readonly #types = new Map<string, number>();
  #typeNumber = 0;
  #kept = 0;

  /** By what decides about a body: its bytes, its media type and its side. */
  keyOf(bytes: Buffer, { contentType, side }: ContentInfo): string {
    let type = this.#types.get(contentType);
    if (type === undefined) {
      if (this.#types.size >= MOST_TYPES) this.#types.clear();
      type = this.#typeNumber++;
      this.#types.set(copyOf(contentType), type);
    }
    return `${hash("sha256", bytes, "base64").slice(0, 22)}${side === "request" ? ">" : "<"}${type}`;
  }

  get(key: string): Outcome | undefined {
    return this.#clean.get(key) ?? this.#found.get(key);
  }

  set(key: string, { findings, layers }: Outcome): void {
    if (findings.length === 0) {
      if (this.#clean.size < MOST_BODIES) this.#clean.set(copyOf(key), nothingIn(layers));
      return;
    }
    let size = 0;
    for (const { secret, text } of findings)
      size += FINDING_OVERHEAD + (secret?.length ?? 0) + (text?.length ?? 0);
    if (this.#kept + size > FINDINGS_LIMIT || this.#found.has(key)) return;
    this.#kept += size;
    this.#found.set(copyOf(key), { findings: findings.map(owned), ...(layers && { layers }) });
  }
}

/** Bodies share these: there are few ways in which texts stand within texts. */
const SHARED = new Map<string, Outcome>();
const MOST_SHARED = 1000;

function nothingIn(layers: Layers | undefined): Outcome {
  const name = layers?.name ?? "";
  let outcome = SHARED.get(name);
  if (outcome === undefined) {
    outcome = { findings: [], ...(layers && { layers }) };
    if (SHARED.size < MOST_SHARED) SHARED.set(name, outcome);
  }
  return outcome;
}

/** A finding that keeps nothing of the text in which it was made. */
export function owned({ start, end, kind, secret, text }: Finding): Finding {
  return {
    start,
    end,
    kind,
    ...(secret === undefined ? {} : { secret: copyOf(secret) }),
    ...(text === undefined ? {} : { text: copyOf(text) }),
  };
}
