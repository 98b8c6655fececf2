// One text under redaction: what the finders found in it, and the text with those places replaced.
import type { Grade } from "./names.js";
import { isBlank, isLabel, looksRandom } from "./values.js";
import type { Work } from "./work.js";

/** A place where something was found. */
export interface Finding {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
  /** What stands there afterwards: a placeholder of this secret, or this text. */
  readonly secret?: string;
  readonly text?: string;
}

export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The kind of what is a secret because it was one elsewhere. */
export const KNOWN = "known";

export class Scan {
  readonly #findings: Finding[];

  /** @param findings of an earlier look at the same text */
  constructor(
    readonly text: string,
    readonly work: Work,
    findings: readonly Finding[] = [],
  ) {
    this.#findings = [...findings];
  }

  /** What was found for its own sake, not as a secret that is known from elsewhere. */
  get own(): readonly Finding[] {
    return this.#findings.filter(({ kind }) => kind !== KNOWN);
  }

  /** Whether anything was found so far. */
  get found(): boolean {
    return this.#findings.length > 0;
  }

  /** A place that holds a secret. `value` is the secret itself where the text holds it escaped or encoded. */
  secret(
    start: number,
    end: number,
    kind: string,
    value: string,
    grade: Grade | "cookie" | "shape" = "shape",
  ): void {
    if (end <= start || this.work.vault.keeps(value)) return;
    this.work.vault.learn(value, grade);
    this.#findings.push({ start, end, kind, secret: value });
  }

  /** A place that holds a secret and whose new text must have a form of its own. */
  rewriteCounted(start: number, end: number, text: string, kind: string): void {
    this.#findings.push({ start, end, kind, text });
  }

  /** A place whose new text is already known; its own secrets were counted when it was made. */
  rewrite(start: number, end: number, text: string): void {
    this.#findings.push({ start, end, kind: "", text });
  }

  /**
   * The value of a named field.
   *
   * @param inParameters in a query, form, header or cookie, where `key` and `code` are credentials more often than not
   * @returns whether it was taken as a secret
   */
  field(
    name: string,
    start: number,
    end: number,
    kind: string,
    value: string,
    inParameters = false,
  ): boolean {
    return this.graded(this.work.names.of(name), name, start, end, kind, value, inParameters);
  }

  /** As `field`, for a name that was judged already. */
  graded(
    grade: Grade,
    name: string,
    start: number,
    end: number,
    kind: string,
    value: string,
    inParameters = false,
  ): boolean {
    if (grade === "none" || isBlank(value)) return false;
    const sure = grade === "secret" || (grade === "maybe" && inParameters);
    if (!sure && !looksRandom(value)) return false;
    if (this.work.info.side === "response" && !inParameters && isLabel(name, value)) return false;
    const scheme = /^(?:Bearer|Basic|Token|Digest|Negotiate|ApiKey|DPoP) +(?=\S)/i.exec(value);
    if (scheme !== null && end - start === value.length) {
      this.secret(start + scheme[0].length, end, kind, value.slice(scheme[0].length), grade);
    } else this.secret(start, end, kind, value, grade);
    return true;
  }

  /** What was found so far, in its order. */
  covered(): readonly { readonly start: number; readonly end: number }[] {
    return this.#findings.sort(byPlace);
  }

  /** Every place with its new text, in their order. Of places that overlap, the one that reaches over the others decides. */
  replacements(): Replacement[] {
    const order = this.#findings.sort(byPlace);
    const replacements: Replacement[] = [];
    for (let at = 0; at < order.length; ) {
      let winner = order[at]!;
      const { start } = winner;
      let { end } = winner;
      for (at++; at < order.length && order[at]!.start < end; at++) {
        const other = order[at]!;
        if (other.end <= end) continue;
        if (winner.text === undefined && other.text !== undefined) winner = other;
        end = other.end;
      }
      replacements.push({ start, end, text: this.#replacement(winner) });
    }
    return replacements;
  }

  /** The text with every place replaced. */
  result(): string {
    if (this.#findings.length === 0) return this.text;
    const pieces: string[] = [];
    let done = 0;
    for (const { start, end, text } of this.replacements()) {
      pieces.push(this.text.slice(done, start), text);
      done = end;
    }
    pieces.push(this.text.slice(done));
    return pieces.join("");
  }

  #replacement(finding: Finding): string {
    if (finding.kind !== "") this.work.count(finding.kind === "json-number" ? "json" : finding.kind);
    if (finding.text !== undefined) return finding.text;
    const placeholder = this.work.vault.placeholder(finding.secret ?? "");
    if (finding.kind === "json-number") return `"${placeholder}"`;
    return placeholder;
  }
}

function byPlace(one: Finding, other: Finding): number {
  return one.start - other.start || other.end - one.end;
}
