// One operator of the filter language: a row of the table that makes the parser, the help and the documentation.
import type { Condition } from "./condition.js";

export type OperatorGroup = "request" | "response" | "either side" | "exchange" | "amounts and times";

interface Argument {
  /** How it is read: a regular expression takes any word, everything else ends at `&`, `|` and `!` too. */
  readonly kind: "regex" | "value";
  /** As the table shows it. */
  readonly label: string;
}

export interface CompileOptions {
  /** Milliseconds that one search may take. */
  readonly patternLimitMs: number;
}

export interface Operator {
  /** Without `~`. */
  readonly name: string;
  readonly group: OperatorGroup;
  /** What it selects; starts small, no full stop. */
  readonly help: string;
  readonly example: string;
  readonly argument?: Argument;
  /** mitmproxy has it too, with the same answers. */
  readonly mitmproxy: boolean;
  /** The twin of an operator that ignores case: `~uc` of `~u`. */
  readonly caseSensitive: boolean;
  /** @throws Mistake */
  compile(argument: string, options: CompileOptions): Condition;
}
