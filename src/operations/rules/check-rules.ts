// `trafficctl rules check`: what rule files hold, or every mistake in them with its place.
import { loadRules } from "../../rules/load.js";

export { RulesInvalid } from "../../rules/load.js";
export type { RuleMistake } from "../../rules/source.js";

interface CheckedRule {
  readonly name: string;
  readonly priority: number;
  readonly enabled: boolean;
  readonly match: string;
  readonly does: readonly string[];
}

export interface CheckedRules {
  /** Paths of all files that were read: of rules, and of bodies. */
  readonly files: readonly string[];
  /** In the order in which they are asked. */
  readonly rules: readonly CheckedRule[];
}

/** @throws RulesInvalid with every mistake; TrafficError FILE_NOT_FOUND, IO_FAILED */
export async function checkRules(paths: readonly string[]): Promise<CheckedRules> {
  const { files, rules } = await loadRules(paths);
  return {
    files,
    rules: rules.map(({ name, priority, enabled, matcher, actions }) => ({
      name,
      priority,
      enabled,
      match: matcher.text,
      does: actions.map(({ does }) => does),
    })),
  };
}
