// How often rules matched and acted. Apart from the rules, which are swapped as a whole while the counts go on.
import type { Rule, RuleSet } from "./types.js";

export interface RuleCount {
  /** Exchanges that its match selected. */
  readonly matched: number;
  /** Exchanges that it acted on. */
  readonly acted: number;
}

const NONE: RuleCount = { matched: 0, acted: 0 };

export class RuleCounts {
  readonly #byName = new Map<string, RuleCount & { readonly text: string }>();
  readonly #counters = new Map<string, number>();

  of(rule: Rule): RuleCount {
    const found = this.#byName.get(rule.name);
    return found?.text === rule.text ? found : NONE;
  }

  /** How often it may act still. */
  left(rule: Rule): number {
    return rule.times === undefined
      ? Number.POSITIVE_INFINITY
      : Math.max(0, rule.times - this.of(rule).acted);
  }

  matched(rule: Rule, acted: boolean): void {
    const before = this.of(rule);
    this.#byName.set(rule.name, {
      text: rule.text,
      matched: before.matched + 1,
      acted: before.acted + Number(acted),
    });
  }

  /** The next number of a template's counter. */
  next(name: string): number {
    const number = (this.#counters.get(name) ?? 0) + 1;
    this.#counters.set(name, number);
    return number;
  }

  /** Forgets rules that are no more. */
  keepOnly({ rules }: RuleSet): void {
    const names = new Set(rules.map(({ name }) => name));
    for (const name of this.#byName.keys()) if (!names.has(name)) this.#byName.delete(name);
  }
}
