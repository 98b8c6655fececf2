// The filter of `--intercept` as the rule that it is: it holds what it matches, at the request and at the response.
import { TrafficError } from "../../errors.js";
import { parseRules, RulesInvalid } from "../../rules/load.js";
import type { Rule } from "../../rules/types.js";

/** Its name in the record of an exchange that was held. */
const NAME = "intercept";

/** `~q`, which says of a recorded exchange that it has no response, means here as in mitmproxy: at the request only. */
const AT_REQUEST = /(?:^|&)\s*~q\s*(?=&|$)/;

function heldBy(filter: string): { readonly match?: string; readonly actions: readonly unknown[] } {
  const isPlain = !/[|()"']/.test(filter);
  if (!isPlain || !AT_REQUEST.test(filter)) return { match: filter, actions: ["pause"] };
  const rest = filter.replace(AT_REQUEST, "").replace(/^\s*&/, "").trim();
  return { ...(rest === "" ? {} : { match: rest }), actions: [{ pause: "request" }] };
}

/** @throws TrafficError FILTER_INVALID */
export async function breakpointRule(filter: string): Promise<Rule> {
  // Rules that decide an exchange end the asking: this one is asked before them, and holds after all have acted.
  const rule = { name: NAME, priority: -1_000_000, ...heldBy(filter) };
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
