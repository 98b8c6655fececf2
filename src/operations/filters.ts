// The table of the filter language, as every surface shows it.
import type { OperatorGroup } from "../filter/operator.js";
import { OPERATORS } from "../filter/operators.js";

export interface FilterOperator {
  /** `~c STATUS`. */
  readonly syntax: string;
  readonly group: OperatorGroup;
  readonly help: string;
  readonly example: string;
  /** mitmproxy has it too, with the same answers. */
  readonly mitmproxy: boolean;
}

/** In the order of the table; without the twins that heed case (`~uc`), which a sentence tells of. */
export function filterOperators(): FilterOperator[] {
  return [...OPERATORS.values()]
    .filter(({ caseSensitive }) => !caseSensitive)
    .map(({ name, argument, group, help, example, mitmproxy }) => ({
      syntax: argument === undefined ? `~${name}` : `~${name} ${argument.label}`,
      group,
      help,
      example,
      mitmproxy,
    }));
}

/** What joins conditions, the strongest first. */
export const FILTER_SIGNS: readonly { readonly syntax: string; readonly help: string }[] = [
  { syntax: "(...)", help: "groups" },
  { syntax: "!", help: "not" },
  { syntax: "&", help: "and; a blank before and behind it" },
  { syntax: "|", help: "or; a blank before and behind it" },
  { syntax: "A B", help: "side by side: and, after all others: `a | b c` is `(a | b) & c`" },
];
