// The filter of `--intercept` as the rule that it is: it holds what it matches, at the request and at the response.
import { TrafficError } from "../../errors.js";
import { parseRules, RulesInvalid } from "../../rules/load.js";
import type { Rule } from "../../rules/types.js";

/** Its name in the record of an exchange that was held. */
const NAME = "intercept";

/** @throws TrafficError FILTER_INVALID */
export async function breakpointRule(filter: string): Promise<Rule> {
  // Rules that decide an exchange end the asking: this one is asked before them, and holds after all have acted.
  const rule = { name: NAME, match: filter, priority: -1_000_000, actions: ["pause"] };
  try {
    const { rules } = await parseRules(JSON.stringify({ rules: [rule] }), "--intercept", process.cwd());
    return rules[0]!;
  } catch (error) {
    if (!(error instanceof RulesInvalid)) throw error;
    const [mistake] = error.mistakes;
    throw new TrafficError("FILTER_INVALID", mistake?.message ?? error.message, {
      ...(mistake?.hint === undefined ? {} : { hint: mistake.hint }),
      cause: error,
    });
  }
}
