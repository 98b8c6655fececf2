// What the finders of every text of one export share, made for each place that a text stands in.
import { findAnywhere } from "./find-anywhere.js";
import { findContent } from "./find-content.js";
import { redactHeaderValue } from "./headers.js";
import { type CompiledPolicy, compilePolicy, type Policy } from "./policy.js";
import { type RedactionReport, Tally } from "./report.js";
import { Scan } from "./scan.js";
import { Vault } from "./vault.js";
import { type ContentInfo, DEEPEST, type Work } from "./work.js";

/** As the report names it. */
export type Place =
  | "url"
  | "request header"
  | "response header"
  | "request body"
  | "response body"
  | "websocket"
  | "error";

export interface WorkOptions {
  /** Names are those of header fields. */
  readonly header?: boolean;
  /** The text says once more what was counted already. */
  readonly uncounted?: boolean;
}

export class Works {
  readonly policy: CompiledPolicy;
  readonly vault: Vault;
  readonly #tally = new Tally();
  #learning = false;
  #nested = 0;

  constructor(policy: Policy) {
    this.policy = compilePolicy(policy);
    this.vault = new Vault((value) => this.policy.keepsValue(value));
    for (const literal of this.policy.literals) this.vault.learn(literal, "shape");
  }

  /** Runs a part of a first pass: secrets are learned, nothing is counted. */
  learning(run: () => void): void {
    this.#learning = true;
    try {
      run();
    } finally {
      this.#learning = false;
    }
  }

  /** Whether nobody will see the text that comes out: what is known from elsewhere need not be found. */
  get isLearning(): boolean {
    return this.#learning;
  }

  /**
   * How many texts stood encoded within others so far: what is found in one of those depends on what was learned
   * before it.
   */
  get nested(): number {
    return this.#nested;
  }

  /** Whether the exchange with this address stays as it is. */
  keeps(url: string | undefined): boolean {
    return url !== undefined && this.policy.keepsUrl(url);
  }

  report(): RedactionReport {
    return this.#tally.report(this.vault.distinct, this.vault.forgone);
  }

  at(place: Place, info: ContentInfo, options: WorkOptions = {}, depth = 0): Work {
    const { vault, policy } = this;
    const deeper = (): Work =>
      this.at(place, { ...info, contentType: "" }, { ...options, header: false }, depth + 1);
    const work: Work = {
      vault,
      policy,
      info,
      names: options.header === true ? policy.headers : policy.fields,
      isLearning: () => this.#learning,
      count: (kind) => {
        if (!this.#learning && options.uncounted !== true) this.#tally.count(kind, place);
      },
      nested: (text) => {
        this.#nested++;
        return depth >= DEEPEST ? text : scanOf(text, deeper(), "").result();
      },
      joined: (text) => {
        this.#nested++;
        return depth >= DEEPEST ? [] : scanOf(text, deeper(), "").replacements();
      },
      headerValue: (name, value) => {
        this.#nested++;
        return redactHeaderValue(name, value, work);
      },
    };
    return work;
  }
}

/** A text that all finders have looked at. */
export function scanOf(text: string, work: Work, contentType: string): Scan {
  const scan = new Scan(text, work);
  findContent(scan, 0, text.length, contentType);
  findAnywhere(scan);
  return scan;
}
